import type { Environment } from './config/expand.ts'

/** A place to write text to. */
export interface TextSink {
  write(text: string): void
}

/** What a command may touch of the process it runs in; tests give their own. */
export interface Io {
  readonly stdout: TextSink
  readonly stderr: TextSink & { readonly isTTY: boolean }
  readonly env: Environment
  /** Working directory, absolute. */
  readonly cwd: string
}

/** The real process. */
export function processIo(): Io {
  const { stdout, stderr, env } = process
  // Whoever read along has gone (a closed pipe); the proxy goes on without an audience.
  const goOn = () => undefined
  stdout.on('error', goOn)
  stderr.on('error', goOn)
  return {
    stdout: { write: (text) => void stdout.write(text) },
    stderr: { write: (text) => void stderr.write(text), isTTY: stderr.isTTY === true },
    env,
    cwd: process.cwd(),
  }
}
