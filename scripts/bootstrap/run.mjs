import { spawn } from 'node:child_process'
import { constants } from 'node:os'

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
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        // A terminal sends Ctrl-C to the whole group: the child has it already, and a second one would mean "at once".
        if (signal === 'SIGINT' && process.stdin.isTTY) return
        child.kill(signal)
      })
    }
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
      resolve()
    })
  })
}
