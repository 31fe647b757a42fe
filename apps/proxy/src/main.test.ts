import { fileURLToPath } from 'node:url'
import { runCommand } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import { readVersion } from './version.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
/** Loaded each time that Node.js starts. */
const tell = '--import=data:text/javascript,console.log(process.pid,process.execArgv.join())'

async function linesOf(...options: readonly string[]): Promise<readonly string[]> {
  const args = ['--disable-warning=ExperimentalWarning', tell, ...options, main, '--version']
  const result = await runCommand(process.execPath, args, { timeoutMs: 60_000 })
  expect(result).toMatchObject({ kind: 'exited', code: 0, stderr: '' })
  return result.kind === 'exited' ? result.stdout.trim().split('\n') : []
}

test('the program sets V8 up, in the same process, and keeps what was given', async () => {
  const [before = '', after = '', version, ...rest] = await linesOf()
  expect([version, rest]).toEqual([readVersion(), []])
  const [pid, options] = before.split(' ')
  expect(after).toBe(`${pid} --single-threaded-gc,--no-allocation-site-pretenuring,${options}`)
})

test('options set by hand are left alone', async () => {
  expect(await linesOf('--no-single-threaded-gc', '--allocation-site-pretenuring')).toHaveLength(2)
})
