import type { Io } from './io.ts'

/** Signals closer together than this are one wish: Ctrl-C reaches a whole process group, and a parent may pass it on too. */
const onceMs = 1000

/** Resolves at the first SIGTERM or SIGINT. A second one, later, ends the process at once with status 1. */
export function stopSignal(io: Io): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | undefined
    const stop = (signal: NodeJS.Signals): void => {
      const now = performance.now()
      if (askedAt === undefined) {
        askedAt = now
        io.stderr.write(`s3proxy: ${signal}: finishing the requests under way; once more to stop at once\n`)
        resolve()
      } else if (now - askedAt > onceMs) process.exit(1)
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}
