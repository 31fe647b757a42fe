import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import type { WriterReport, WriterTask } from './writer.ts'

/** How a cache directory is put under pressure. */
export interface FillOptions {
  readonly directory: string
  readonly maxBytes: number
  readonly writers: number
  readonly concurrency: number
  readonly durationMs: number
  /** Writers killed on the way, each followed by a new one. */
  readonly kills: number
  readonly onProgress?: (text: string) => void
}

export interface FillOutcome {
  /** `du` of the directory at moments when all writers stood still: exact. */
  readonly frozenBytes: readonly number[]
  /** `du` while they wrote: it may count a file that has gone and the one that came for it. */
  readonly liveBytes: readonly number[]
  /** Of the writers that were not killed. */
  readonly reports: readonly WriterReport[]
}

/** A run goes on until the cache has been as full as this. */
const fullShare = 0.75

/** Largest object; the cache holds at least some dozen of them. */
const objectShare = 1 / 64

/** Lets processes write into one directory at full speed, and weighs it with `du` all the time. */
export async function measureFill(options: FillOptions): Promise<FillOutcome> {
  const { directory, maxBytes, writers, durationMs, onProgress = () => undefined } = options
  const children: ChildProcess[] = []
  let seed = 0
  const start = async (): Promise<void> => {
    const maxObjectBytes = Math.min(4 * 2 ** 20, Math.floor(maxBytes * objectShare))
    const keys = Math.ceil((maxBytes / maxObjectBytes) * 40)
    const task: WriterTask = {
      directory,
      maxBytes,
      seed: seed++,
      concurrency: options.concurrency,
      keys,
      maxObjectBytes,
    }
    const child = fork(new URL('./writer.ts', import.meta.url), [JSON.stringify(task)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    children.push(child)
    await once(child, 'message')
  }
  const frozenBytes: number[] = []
  const liveBytes: number[] = []
  try {
    for (let index = 0; index < writers; index++) await start()
    const startedAt = performance.now()
    let kills = 0
    const isFull = (): boolean => Math.max(...frozenBytes) > maxBytes * fullShare
    while (performance.now() - startedAt < durationMs || !isFull()) {
      for (const child of children) child.kill('SIGSTOP')
      frozenBytes.push(await diskUsage(directory))
      for (const child of children) child.kill('SIGCONT')
      liveBytes.push(await diskUsage(directory))
      onProgress(`${Math.max(...frozenBytes)} of ${maxBytes} bytes at most, ${frozenBytes.length} looks`)
      if (kills < options.kills && performance.now() - startedAt > (durationMs * (kills + 1)) / (options.kills + 1)) {
        kills++
        const [victim] = children.splice(0, 1)
        if (victim === undefined) break
        const exited = once(victim, 'exit')
        victim.kill('SIGKILL')
        await exited
        await start()
      }
    }
    const reports = await Promise.all(
      children.map(async (child) => {
        const told = once(child, 'message') as Promise<[WriterReport]>
        child.send('stop')
        return (await told)[0]
      }),
    )
    frozenBytes.push(await diskUsage(directory))
    return { frozenBytes, liveBytes, reports }
  } finally {
    for (const child of children) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    }
  }
}

const run = promisify(execFile)

/** Bytes of a directory with everything in it, as `du` counts them. */
export async function diskUsage(directory: string): Promise<number> {
  // Files that go while it looks make it complain, and count nothing.
  const { stdout } = await run('du', ['-s', '--block-size=1', directory]).catch((error: { stdout?: string }) => {
    if (typeof error.stdout !== 'string' || error.stdout === '') throw error
    return { stdout: error.stdout }
  })
  return Number.parseInt(stdout, 10)
}
