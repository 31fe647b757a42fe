import { processIo } from './io.ts'
import type { ToWorker } from './workers/messages.ts'
import { createWorker } from './workers/run-worker.ts'

// The program of a worker: `s3proxy` itself starts it, with a channel to talk over. Signals are the supervisor's matter,
// also those that reach a whole process group.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)

const worker = createWorker(
  {
    send(message) {
      if (process.connected) process.send?.(message, undefined, {}, () => undefined)
    },
  },
  processIo(),
)
process.on('message', (message, socket) => worker.receive(message as ToWorker, socket as object | undefined))
process.on('disconnect', () => worker.disconnected())
await worker.ended
process.disconnect?.()
