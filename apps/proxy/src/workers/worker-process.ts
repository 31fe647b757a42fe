import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromWorker, ToWorker } from './messages.ts'

/** A worker as its supervisor sees it. */
export interface WorkerProcess {
  readonly pid: number | undefined
  /** Sends `message`, with a listening socket beside it. Never throws: one that has gone is told nothing. */
  send(message: ToWorker, socket?: object): void
  /** Ends it at once. */
  kill(): void
}

/** What is heard of a worker. `exit` comes once and last. */
export interface WorkerEvents {
  message(message: FromWorker): void
  /** `how`: exit code or signal, for people. */
  exit(how: string): void
}

/** Starts a worker. */
export type SpawnWorker = (events: WorkerEvents) => WorkerProcess

/** The program of a worker: beside this one, in the form in which this one runs (source or built). */
const program = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('../worker-main.ts', import.meta.url)
    : new URL('worker-main.js', import.meta.url),
)

/** Starts a process with the same options of Node.js, standard output and error shared. */
export const forkWorker: SpawnWorker = (events) => {
  const child = fork(program, [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  let gone = false
  const end = (how: string): void => {
    if (!gone) events.exit(how)
    gone = true
  }
  child.on('message', (message) => events.message(message as FromWorker))
  child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`))
  child.on('error', (error) => {
    // It never came to be; a process that could not be signalled or reached is told of by its exit.
    if (child.pid === undefined) end(error.message)
  })
  return {
    pid: child.pid,
    send(message, socket) {
      if (gone || !child.connected) return
      child.send(message, socket as never, {}, () => undefined)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
