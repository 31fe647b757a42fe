import { spawn } from 'node:child_process'

/** How a step came out. Numbers count what it checked: tests, or the step itself. */
export interface StepResult {
  readonly name: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Shown to people when something failed. */
  readonly output: string
}

/** What a command printed and how it ended. */
export interface CommandOutcome {
  readonly code: number
  readonly output: string
}

/** How to run a command. */
export interface RunOptions {
  readonly cwd: string
  /** Also show what it prints while it runs. Default: keep quiet. */
  readonly live?: boolean
}

/** At most this much output is kept, its end. */
const maxOutputChars = 256 * 1024

/** Runs a program to its end; standard output and error are kept together, in order. */
export function run(file: string, args: readonly string[], { cwd, live = false }: RunOptions): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' })
    let output = ''
    const keep = (text: string): void => {
      output = (output + text).slice(-maxOutputChars)
      if (live) process.stderr.write(text)
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    child.on('error', (error) => resolve({ code: 127, output: `${file}: ${error.message}` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** A step that is one check: passed if every command ends with 0. The first that does not ends the step. */
export async function check(
  name: string,
  commands: readonly (readonly [file: string, ...args: string[]])[],
  options: RunOptions,
): Promise<StepResult> {
  for (const [file, ...args] of commands) {
    const { code, output } = await run(file, args, options)
    if (code !== 0) return failedCheck(name, output)
  }
  return { name, passed: 1, failed: 0, skipped: 0, output: '' }
}

/** A step that failed as a whole. */
export function failedCheck(name: string, output: string): StepResult {
  return { name, passed: 0, failed: 1, skipped: 0, output }
}
