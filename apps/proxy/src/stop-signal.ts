import type { Io } from './io.ts'

/** Resolves at the first SIGTERM or SIGINT. The second one ends the process at once. */
export function stopSignal(io: Io): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(1)
      asked = true
      io.stderr.write(`s3proxy: ${signal}: finishing the requests under way; once more to stop at once\n`)
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}
