import { type ChildProcess, spawn } from 'node:child_process'
import { type Reaper, stopProcess } from '@s3proxy/testkit'

/** A program that runs until it is stopped. */
export interface StartedProgram {
  readonly pid: number
  stop(): Promise<void>
}

export interface StartProgramOptions {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Cores it may use, as `taskset` takes them (`0`, `0,1`). Default: all. */
  readonly cores?: string | undefined
  readonly reaper: Reaper
}

/** Starts a program whose standard output is not read. */
export function startProgram(options: StartProgramOptions): StartedProgram {
  return started(spawnIt(options, 'ignore'), options)
}

/** Starts a program and waits for the line of its output that `pattern` matches; gives the first group. */
export async function startAnnouncing(
  options: StartProgramOptions,
  pattern: RegExp,
): Promise<StartedProgram & { readonly announced: string }> {
  const child = spawnIt(options, 'pipe')
  let output = ''
  const announced = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-10_000)
      const match = pattern.exec(output)
      if (match?.[1] !== undefined) resolve(match[1])
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${options.file} ended with ${code ?? 'a signal'}`)))
  })
  return { ...started(child, options), announced }
}

function spawnIt({ file, args, env, cores, reaper }: StartProgramOptions, stdout: 'ignore' | 'pipe'): ChildProcess {
  const [program, ...rest] = onCores(cores, file, args)
  // The proxy refuses variables of its own that it does not know; those of the tests are none of its business.
  const given = Object.entries(env ?? process.env).filter(([name]) => !name.startsWith('S3PROXY_'))
  const child = spawn(program, rest, { stdio: ['ignore', stdout, 'inherit'], env: Object.fromEntries(given) })
  reaper.adopt(child)
  return child
}

function started(child: ChildProcess, { file }: StartProgramOptions): StartedProgram {
  const { pid } = child
  if (pid === undefined) throw new Error(`${file} could not be started`)
  return {
    pid,
    stop: async () => {
      await stopProcess(child)
    },
  }
}

/** The command that runs `file` on some cores only; `taskset` replaces itself with it. */
export function onCores(cores: string | undefined, file: string, args: readonly string[]): [string, ...string[]] {
  return cores === undefined ? [file, ...args] : ['taskset', '-c', cores, file, ...args]
}
