import { type ChildProcess, spawn } from 'node:child_process'

/** Makes sure that the processes a test starts do not outlive it, however it ends. */
export interface Reaper extends AsyncDisposable {
  /** From now on `child` is killed when this process dies. */
  adopt(child: ChildProcess): void
  /** Ends the watch; processes still running are left to whoever started them. */
  close(): Promise<void>
}

/**
 * A watcher with a pipe to its parent: `+pid` and `-pid` lines say whom to watch. The pipe ends when the parent does,
 * even by SIGKILL; whoever is then still on the list is asked to stop and, two seconds later, killed.
 */
const watcherSource = `
const pids = new Set()
let rest = ''
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.stdin.setEncoding('utf8').on('data', (text) => {
  const lines = (rest + text).split('\\n')
  rest = lines.pop()
  for (const line of lines) {
    if (line === 'close') process.exit(0)
    if (line[0] === '+') pids.add(Number(line.slice(1)))
    else pids.delete(Number(line.slice(1)))
  }
}).on('end', () => {
  const kill = (signal) => {
    for (const pid of pids) {
      try { process.kill(pid, signal) } catch { pids.delete(pid) }
    }
  }
  kill('SIGTERM')
  setTimeout(() => { kill('SIGKILL'); process.exit(0) }, pids.size > 0 ? 2000 : 0)
})`

/** Starts the watcher. One per test process is enough. */
export function createReaper(): Reaper {
  const watcher = spawn(process.execPath, ['-e', watcherSource], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const exited = new Promise<void>((resolve) => watcher.once('exit', () => resolve()))
  const { stdin } = watcher
  // A watcher that is gone can be told nothing; the processes then have their owner only.
  stdin.on('error', () => watcher.kill())
  watcher.unref() // it must not keep a process alive that has nothing left to do
  const close = async (): Promise<void> => {
    watcher.ref()
    stdin.end('close\n')
    await exited
  }
  return {
    adopt(child) {
      const { pid } = child
      if (pid === undefined) return
      stdin.write(`+${pid}\n`)
      child.once('exit', () => {
        if (stdin.writable) stdin.write(`-${pid}\n`)
      })
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Asks a process to stop and waits; after `graceMs` (default 10 s) kills it. Resolves with its exit code or signal. */
export async function stopProcess(child: ChildProcess, graceMs = 10_000): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal))
  })
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  const outcome = await exited
  clearTimeout(timer)
  return outcome
}
