import { mkdir, rmdir, stat, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Progress } from './process/progress.ts'

/** A holder renews its lock this often; one not renewed for `staleMs` belonged to a process that died. */
const renewMs = 5_000
const staleMs = 30_000
const pollMs = 250

/**
 * Runs `work` while no other process does the same. The lock is a folder, which is made atomically everywhere; its
 * parent must exist. The lock of a process that died is taken over.
 */
export async function withFolderLock<T>(
  lock: string,
  { what, progress }: { readonly what: string; readonly progress: Progress },
  work: () => Promise<T>,
): Promise<T> {
  for (let waits = 0; !(await take(lock)); waits++) {
    if (waits % 40 === 0) progress(`another process is ${what} (${lock}); waiting for it`)
    await sleep(pollMs)
  }
  const renewal = setInterval(() => {
    const now = new Date()
    utimes(lock, now, now).catch(() => clearInterval(renewal)) // taken over: nothing left to renew
  }, renewMs)
  try {
    return await work()
  } finally {
    clearInterval(renewal)
    await rmdir(lock).catch(unlessMissing)
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await mkdir(lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const renewedAt = await stat(lock).then(({ mtimeMs }) => mtimeMs, unlessMissing)
  if (renewedAt !== undefined && Date.now() - renewedAt > staleMs) await rmdir(lock).catch(unlessMissing)
  return false
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}
