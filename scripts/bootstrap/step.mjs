import { spawn } from 'node:child_process'
import { SetupError } from './setup-error.mjs'

/**
 * Runs one step of the setup, shows how long it has been going on, and keeps quiet about what it prints unless it fails.
 * @param {string} what Said while it runs.
 * @param {string} file
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, advice: string }} options `advice`: what to do if it fails.
 * @returns {Promise<void>}
 */
export function step(what, file, args, { cwd, env, advice }) {
  return new Promise((resolve, reject) => {
    const finish = showProgress(what)
    let output = ''
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const keep = (text) => {
      output = (output + text).slice(-16_384)
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    child.on('error', (error) => {
      finish('failed')
      reject(new SetupError(`${what}: ${error.message}`, advice))
    })
    child.on('close', (code, signal) => {
      finish(code === 0 ? 'done' : 'failed')
      if (code === 0) resolve()
      else reject(new SetupError(`${what} (${signal ?? `exit code ${code}`}); it said:\n${output.trim()}`, advice))
    })
  })
}

/** A line that counts the seconds on a terminal, a plain line every ten seconds elsewhere. */
function showProgress(what) {
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  const { stderr } = process
  if (!stderr.isTTY) stderr.write(`${what} …\n`)
  const timer = stderr.isTTY
    ? setInterval(() => stderr.write(`\r${what} … ${seconds()} s`), 200)
    : setInterval(() => stderr.write(`${what} … ${seconds()} s\n`), 10_000)
  return (outcome) => {
    clearInterval(timer)
    stderr.write(`${stderr.isTTY ? '\r' : ''}${what}: ${outcome} after ${seconds()} s\n`)
  }
}
