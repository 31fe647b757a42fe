import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir, describeFailure, runCommand } from '@s3proxy/testkit'

/** A small volume of its own, mounted where a cache directory can be. Goes away with its scope. */
export interface Volume extends AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string
  /** Writes a file until nothing fits any more, leaves room for `spareBytes`; the returned function removes it. */
  fill(spareBytes?: number): Promise<() => Promise<void>>
  /** Makes it read-only, or writable again. Nobody may have a file open for writing. */
  remount(mode: 'ro' | 'rw'): Promise<void>
  /** Takes it away from under those who use it. */
  vanish(): Promise<void>
  /** Mounts it again, with what it held. */
  comeBack(): Promise<void>
}

/**
 * Mounts a volume in memory. Rejects where that is not allowed: neither root nor a sudo that asks for no password. What
 * a full or read-only volume says cannot be had otherwise.
 */
export async function createVolume(sizeBytes: number): Promise<Volume> {
  const dir = await createTempDir('s3proxy-volume-')
  const [store, path] = [join(dir.path, 'store'), join(dir.path, 'mounted')]
  await mkdir(store)
  await mkdir(path)
  const owner = `uid=${process.getuid?.() ?? 0},gid=${process.getgid?.() ?? 0},mode=0700`
  await asRoot('mount', '-t', 'tmpfs', '-o', `size=${sizeBytes},${owner}`, 'tmpfs', store)
  // What vanishes is a second mount of the same: its files stay where the first one is.
  const mountAgain = (): Promise<void> => asRoot('mount', '--bind', store, path)
  let mounted = false
  const comeBack = async (): Promise<void> => {
    await mountAgain()
    mounted = true
  }
  const vanish = async (): Promise<void> => {
    if (mounted) await asRoot('umount', '--lazy', path)
    mounted = false
  }
  await comeBack()
  return {
    path,
    vanish,
    comeBack,
    remount: (mode) => asRoot('mount', '-o', `remount,bind,${mode}`, path),
    async fill(spareBytes = 0) {
      const ballast = join(store, 'ballast')
      const spare = join(store, 'spare')
      await writeFile(spare, Buffer.alloc(spareBytes, 1))
      for (let size = sizeBytes; size >= 4096; size = Math.floor(size / 2)) {
        // Less and less, until not a page is left.
        while (await append(ballast, size));
      }
      await rm(spare)
      return () => rm(ballast)
    },
    async [Symbol.asyncDispose]() {
      await vanish()
      await asRoot('umount', '--lazy', store)
      await dir.remove()
    },
  }
}

async function append(path: string, bytes: number): Promise<boolean> {
  try {
    await writeFile(path, Buffer.alloc(bytes, 1), { flag: 'a' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}

async function asRoot(...command: readonly [string, ...string[]]): Promise<void> {
  const [file, ...args] = process.getuid?.() === 0 ? command : (['sudo', '-n', ...command] as const)
  const result = await runCommand(file, args)
  if (result.kind === 'exited' && result.code === 0) return
  throw new Error(describeFailure('mounting a volume for a test, as root or by sudo', result))
}
