import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { pathCandidates } from '../path-candidates.ts'
import { type Progress, stderrProgress } from '../process/progress.ts'
import { runCommand } from '../process/run-command.ts'
import { buildMinio, minioPath } from './build-minio.ts'

/** How MinIO can be started here, or why it cannot. */
export type MinioProgram =
  | { readonly kind: 'binary'; readonly path: string }
  | { readonly kind: 'container'; readonly engine: 'docker' | 'podman' }
  | { readonly kind: 'missing'; readonly why: string }

/** Where to look. */
export interface FindMinioOptions {
  /** Where programs that were built once are kept. */
  readonly toolsDir: string
  /** Default: this process's. */
  readonly env?: NodeJS.ProcessEnv
  /** Default: standard error. */
  readonly progress?: Progress
}

/**
 * Finds MinIO: `MINIO_BIN`, then `PATH`, then the one built earlier, then a build from source with Go, then a container
 * engine that answers.
 */
export async function findMinio(options: FindMinioOptions): Promise<MinioProgram> {
  const { toolsDir, env = process.env, progress = stderrProgress } = options
  const named = env['MINIO_BIN']
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return { kind: 'binary', path: named }
    return { kind: 'missing', why: `MINIO_BIN names ${named}, which is not an executable file` }
  }
  for (const path of [...pathCandidates('minio', env), minioPath(toolsDir)]) {
    if (await isExecutable(path)) return { kind: 'binary', path }
  }
  const built = await buildMinio(toolsDir, progress)
  if (built.kind === 'built') return { kind: 'binary', path: built.path }
  for (const engine of ['docker', 'podman'] as const) {
    const answer = await runCommand(engine, ['info'], { timeoutMs: 15_000, env })
    if (answer.kind === 'exited' && answer.code === 0) return { kind: 'container', engine }
  }
  return {
    kind: 'missing',
    why: `${built.why}\nNo container engine answered either. Install Go ≥ 1.24, or put minio on PATH, or set MINIO_BIN.`,
  }
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
