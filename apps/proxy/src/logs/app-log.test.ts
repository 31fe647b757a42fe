import { expect, test } from 'vitest'
import { type AppLogOptions, createAppLog } from './app-log.ts'
import { createMemoryLogFiles } from './memory-log-files.ts'

function setUp(options: Partial<AppLogOptions> & { isTTY?: boolean } = {}) {
  const written: string[] = []
  const clock = { now: Date.UTC(2026, 1, 6, 12, 34, 56, 789) }
  const log = createAppLog({
    level: 'info',
    directory: undefined,
    hostname: 'web',
    stderr: { write: (text) => void written.push(text), isTTY: options.isTTY ?? false },
    now: () => clock.now,
    ...options,
  })
  return { log, written, clock }
}

test('lines are JSON where nobody reads along', () => {
  const { log, written } = setUp()
  log.logger.info({ port: 80 }, 'listening')
  log.logger.debug('unheard')
  expect(written).toEqual(['{"level":"info","time":"2026-02-06T12:34:56.789Z","port":80,"msg":"listening"}\n'])
})

test('lines are readable on a terminal, and cannot play with it', () => {
  const { log, written } = setUp({ isTTY: true })
  log.logger.warn({ path: '/a/b', text: 'a b', evil: '\u001b[2J' }, 'evil \u001b[31m')
  expect(written).toEqual(['12:34:56.789 WARN  evil \\x1b[31m path=/a/b text="a b" evil="\\u001b[2J"\n'])
})

test('errors come with their stack', () => {
  const error = new Error('outer', { cause: new Error('inner') })
  const terminal = setUp({ isTTY: true })
  terminal.log.logger.error({ err: error }, 'failed')
  expect(terminal.written[0]).toMatch(/^12:34:56\.789 ERROR failed\n {4}Error: outer.*\n {4} +at /)
  expect(terminal.written[0]).toContain('caused by: Error: inner')
  const plain = setUp()
  plain.log.logger.error({ err: error }, 'failed')
  expect(JSON.parse(plain.written[0] ?? '')).toMatchObject({
    err: { type: 'Error', message: expect.stringContaining('outer') },
  })
})

test('no secret is written, whoever logs it', () => {
  const { log, written } = setUp()
  log.logger.info({ headers: { Authorization: 'AWS4-HMAC-SHA256 Credential=SECRET' } }, 'GET /?X-Amz-Signature=SECRET')
  log.logger.error(new Error('https://u:SECRET@host'))
  expect(written.join('')).not.toContain('SECRET')
})

test('with a directory there is one file a day', async () => {
  const files = createMemoryLogFiles()
  const { log, written, clock } = setUp({ directory: '/logs', files, isTTY: true })
  log.logger.info('one')
  await Promise.resolve()
  clock.now += 86_400_000
  log.logger.info('two')
  await log.close()
  expect([...files.contents.keys()]).toEqual(['/logs/s3proxy-2026-02-06-web.log', '/logs/s3proxy-2026-02-07-web.log'])
  expect([...files.contents.values()][1]).toContain('"msg":"two"')
  expect(written).toEqual([])
})

test('a file that cannot be written is told on standard error, once', async () => {
  const files = createMemoryLogFiles()
  files.room = 0
  const { log, written } = setUp({ directory: '/logs', files })
  log.logger.info('one')
  log.logger.info('two')
  await log.close()
  expect(written).toEqual([
    's3proxy: cannot write the log /logs/s3proxy-2026-02-06-web.log: no space left on the device\n',
  ])
})

test('files older than the retention go when a day begins, and nothing else', async () => {
  const files = createMemoryLogFiles()
  const kept = [
    '/logs/s3proxy-2026-02-05-web.log',
    '/logs/s3proxy-2026-01-01-other.log',
    '/logs/s3proxy-2026-01-01-web.log.gz',
    '/logs/access/2026',
  ]
  for (const path of [...kept, '/logs/s3proxy-2026-02-03-web.log', '/logs/s3proxy-2025-12-31-web.log'])
    files.put(path, '')
  const { log } = setUp({ directory: '/logs', files, retentionMs: 2 * 86_400_000 })
  log.logger.info('one')
  await log.close()
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  expect([...files.contents.keys()].sort()).toEqual([...kept, '/logs/s3proxy-2026-02-06-web.log'].sort())
})
