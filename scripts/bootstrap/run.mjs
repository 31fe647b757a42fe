import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** How often to look whether whoever started us is still there. */
const parentPollMs = 250

/**
 * Runs a program in our place: its input and output are ours, signals go to it, and we end as it ends.
 * @param {string} file
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>}
 */
export function runToTheEnd(file, args, { env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: 'inherit' })
    let toldToStop = false
    const stop = (signal) => {
      toldToStop = true
      child.kill(signal)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        // A terminal sends Ctrl-C to the whole group: the child has it already, and a second one would mean "at once".
        if (signal === 'SIGINT' && process.stdin.isTTY) toldToStop = true
        else stop(signal)
      })
    }
    // npm passes a signal to the shell between us, which dies of it and tells nobody: that it is gone is the signal.
    const parent = process.ppid
    const watch = setInterval(() => {
      if (process.env.npm_lifecycle_event !== undefined && process.ppid !== parent && !toldToStop) stop('SIGTERM')
    }, parentPollMs)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearInterval(watch)
      process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
      resolve()
    })
  })
}
