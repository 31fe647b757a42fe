import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createReaper, stopProcess } from './reaper.ts'

const sleeper = ['-e', 'setInterval(() => {}, 1000); console.log(process.pid)']

test('a process whose starter is killed does not outlive it', async () => {
  const starter = spawn(
    process.execPath,
    [
      '-e',
      `import(${JSON.stringify(new URL('./reaper.ts', import.meta.url).href)}).then(({ createReaper }) => {
        const child = require('node:child_process').spawn(process.execPath, ${JSON.stringify(sleeper)}, { stdio: ['ignore', 'inherit', 'inherit'] })
        createReaper().adopt(child)
      })`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('.', import.meta.url)) },
  )
  let output = ''
  starter.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await once(starter.stdout, 'data')
  // Only the sleeper still holds the pipe once its starter is dead: the pipe's end is the sleeper's.
  const bothGone = once(starter.stdout, 'close')
  starter.kill('SIGKILL')
  await bothGone
  expect(Number(output)).toBeGreaterThan(0)
})

test('stopping a process tells how it went', async () => {
  await using reaper = createReaper()
  const child = spawn(process.execPath, sleeper, { stdio: 'ignore' })
  reaper.adopt(child)
  expect(await stopProcess(child)).toBe('SIGTERM')
  expect(await stopProcess(child)).toBe('SIGTERM')
})
