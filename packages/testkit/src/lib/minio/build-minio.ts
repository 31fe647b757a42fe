import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { withFolderLock } from '../folder-lock.ts'
import { type Progress, withProgress } from '../process/progress.ts'
import { describeFailure, runCommand } from '../process/run-command.ts'

/** The version that is built from source: a pseudo-version pins the commit. */
export const minioVersion = 'v0.0.0-20260212201848-7aac2a2c5b7c'

/** Whether the program now stands at its place, or why it does not. */
export type BuildResult =
  | { readonly kind: 'built'; readonly path: string }
  | { readonly kind: 'failed'; readonly why: string }

/** Where a built MinIO lives below the folder of tools. */
export function minioPath(toolsDir: string): string {
  return join(toolsDir, 'minio', minioVersion, process.platform === 'win32' ? 'minio.exe' : 'minio')
}

/**
 * Builds MinIO with the Go toolchain and puts it at `minioPath(toolsDir)` by a rename, so that it is there whole or not
 * at all. Two processes that want it at once build it once: the second waits for the first.
 */
export async function buildMinio(toolsDir: string, progress: Progress): Promise<BuildResult> {
  const path = minioPath(toolsDir)
  await mkdir(dirname(path), { recursive: true })
  return withFolderLock(`${path}.lock`, { what: 'building MinIO', progress }, async () =>
    (await exists(path)) ? { kind: 'built', path } : build(path, progress),
  )
}

async function build(path: string, progress: Progress): Promise<BuildResult> {
  const bin = await mkdtemp(`${path}.build-`)
  try {
    const target = `github.com/minio/minio@${minioVersion}`
    const result = await withProgress(
      `building MinIO ${minioVersion} with Go (about five minutes, once per machine)`,
      runCommand('go', ['install', '-trimpath', target], {
        env: { ...process.env, GOBIN: bin, GOFLAGS: '-buildvcs=false' },
        timeoutMs: 30 * 60_000,
      }),
      { progress },
    )
    if (result.kind !== 'exited' || result.code !== 0) {
      return { kind: 'failed', why: describeFailure(`go install ${target}`, result) }
    }
    await rename(join(bin, process.platform === 'win32' ? 'minio.exe' : 'minio'), path)
    return { kind: 'built', path }
  } finally {
    await rm(bin, { recursive: true, force: true })
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}
