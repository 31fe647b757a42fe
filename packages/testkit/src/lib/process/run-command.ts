import { spawn } from 'node:child_process'

/** How a command came out. `missing`: there is no such program. */
export type CommandResult =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'timed-out'; readonly stdout: string; readonly stderr: string }

/** How to run a command. */
export interface CommandOptions {
  readonly cwd?: string
  /** The whole environment. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Killed after this long. Default 10 minutes. */
  readonly timeoutMs?: number
}

/** At most this much of each output is kept, its end. */
const maxOutputChars = 1024 * 1024

/** Runs a program to its end without a shell, with nothing on its standard input. Never throws. */
export function runCommand(
  file: string,
  args: readonly string[],
  { cwd, env = process.env, timeoutMs = 600_000 }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    let timedOut = false
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-maxOutputChars)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-maxOutputChars)
    })
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, timeoutMs)
    child.on('error', () => {
      clearTimeout(timer)
      resolve({ kind: 'missing' })
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      if (timedOut) resolve({ kind: 'timed-out', stdout, stderr })
      else resolve({ kind: 'exited', code: code ?? -1, stdout, stderr })
    })
  })
}

/** One line on how a command failed, for people. */
export function describeFailure(what: string, result: CommandResult): string {
  switch (result.kind) {
    case 'missing':
      return `${what}: no such program`
    case 'timed-out':
      return `${what}: took too long and was killed; it said: ${lastLines(result.stderr || result.stdout)}`
    case 'exited':
      return `${what}: exit code ${result.code}; it said: ${lastLines(result.stderr || result.stdout)}`
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-8).join('\n')
}
