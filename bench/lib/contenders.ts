import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Progress, type Reaper, stderrProgress } from '@s3proxy/testkit'
import type { Contender } from './contender.ts'
import { findProgram, nginx } from './find-program.ts'
import { startNginx } from './nginx.ts'
import { type S3proxySettings, startS3proxy } from './s3proxy.ts'

/** A contender by name: how to start it. */
export type Recipe =
  | { readonly kind: 's3proxy'; readonly name: string; readonly settings: S3proxySettings }
  | { readonly kind: 'nginx'; readonly name: string; readonly workers: string }

export interface StartContendersOptions {
  readonly recipes: readonly Recipe[]
  /** Folder for their folders. */
  readonly directory: string
  readonly originPort: number
  /** Folder for CPU profiles of s3proxy; undefined: none. */
  readonly profileDir: string | undefined
  readonly reaper: Reaper
  /** Default: standard error. */
  readonly progress?: Progress
}

/** Those that run, and why others do not. */
export interface StartedContenders {
  readonly contenders: readonly Contender[]
  readonly missing: readonly string[]
}

/** Starts contenders, each with a folder of its own. */
export async function startContenders(options: StartContendersOptions): Promise<StartedContenders> {
  const { originPort, profileDir, reaper, progress = stderrProgress } = options
  const contenders: Contender[] = []
  const missing: string[] = []
  for (const recipe of options.recipes) {
    const { name } = recipe
    const directory = join(options.directory, name)
    await mkdir(directory)
    if (recipe.kind === 's3proxy') {
      const { settings } = recipe
      contenders.push(await startS3proxy({ name, directory, originPort, settings, profileDir, reaper }))
      continue
    }
    const program = await findProgram(nginx, progress)
    if (program.kind === 'found') {
      contenders.push(await startNginx({ program, directory, originPort, workers: recipe.workers, reaper }))
    } else {
      progress(`NOT COMPARED: ${program.why}`)
      missing.push(program.why)
    }
  }
  return { contenders, missing }
}
