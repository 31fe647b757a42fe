import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createManualClock, createTempDir } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import { type AccessLogOptions, createAccessLog } from './access-log.ts'
import { nodeLogFiles } from './log-files.ts'
import { createMemoryLogFiles } from './memory-log-files.ts'
import { requestRecord } from './sample-record.ts'

function setUp(options: Partial<AccessLogOptions> = {}) {
  const clock = createManualClock(Date.UTC(2026, 1, 6, 13, 7, 0))
  const files = createMemoryLogFiles()
  const seen = { dropped: 0, told: [] as string[] }
  const log = createAccessLog({
    directory: '/logs',
    mode: 'all',
    rotationMs: 300_000,
    retentionMs: 86_400_000,
    hostname: 'web',
    log: {
      warn: (_fields, message) => seen.told.push(message),
      info: (_fields, message) => seen.told.push(message),
    },
    onDropped: (lines) => {
      seen.dropped += lines
    },
    files,
    clock: {
      now: clock.now,
      setInterval: clock.setInterval,
      clearInterval: (timer) => clock.clearTimeout(timer as never),
    },
    ...options,
  })
  return { clock, files, seen, log }
}

test('lines are written each second, into a file per interval', async () => {
  const { clock, files, log } = setUp()
  log.write(requestRecord())
  expect(files.contents.size).toBe(0)
  await clock.advanceAsync(1000)
  log.write(requestRecord())
  await clock.advanceAsync(300_000)
  log.write(requestRecord())
  await log.close()
  expect([...files.contents].map(([path, text]) => [path, text.split('\n').length - 1])).toEqual([
    ['/logs/2026/02/06/2026-02-06-13-05-00-web', 2],
    ['/logs/2026/02/06/2026-02-06-13-10-00-web', 1],
  ])
  expect(clock.pendingTimers).toBe(0)
})

test('cached_only leaves out what S3 itself has answered', async () => {
  const { files, log } = setUp({ mode: 'cached_only' })
  for (const outcome of ['hit', 'miss', 'revalidated', 'bypass', 'error'] as const) {
    log.write(requestRecord({ outcome, reason: outcome }))
  }
  await log.close()
  const text = [...files.contents.values()].join('')
  expect(text.match(/\w+(?=\n)/g)).toEqual(['hit', 'revalidated'])
})

test('a large batch does not wait for the second', async () => {
  const { files, log } = setUp()
  while (files.contents.size === 0) {
    for (let i = 0; i < 100; i += 1) log.write(requestRecord())
    await Promise.resolve()
  }
  await log.close()
})

test('a full disk is told once, counts what is lost, and recovers', async () => {
  const { clock, files, seen, log } = setUp({ maxPendingBytes: 1000 })
  files.room = 0
  for (let i = 0; i < 10; i += 1) {
    log.write(requestRecord())
    await clock.advanceAsync(1000)
  }
  expect(seen.told).toEqual(['the access log cannot be written'])
  const lost = seen.dropped
  expect(lost).toBeGreaterThan(0)
  files.room = undefined
  await clock.advanceAsync(1000)
  await log.close()
  expect(seen.told).toEqual(['the access log cannot be written', 'the access log is written again'])
  expect([...files.contents.values()].join('').split('\n').length - 1 + lost).toBe(10)
})

test('old files go at the start and every hour', async () => {
  const files = createMemoryLogFiles()
  files.put('/logs/2026/02/05/2026-02-05-13-00-00-web', 'x')
  files.put('/logs/2026/02/05/2026-02-05-13-10-00-web', 'x')
  const { clock, log } = setUp({ files })
  await clock.advanceAsync(0)
  expect([...files.contents.keys()]).toEqual(['/logs/2026/02/05/2026-02-05-13-10-00-web'])
  await clock.advanceAsync(3_600_000)
  expect([...files.contents.keys()]).toEqual([])
  await log.close()
})

test('on a real disk a directory that vanishes is made again', async () => {
  await using dir = await createTempDir()
  const directory = join(dir.path, 'logs')
  const { log } = setUp({ directory, files: nodeLogFiles })
  log.write(requestRecord())
  await log.flush()
  await rm(directory, { recursive: true })
  log.write(requestRecord({ requestId: 'second' }))
  await log.close()
  const path = join(directory, '2026/02/06/2026-02-06-13-05-00-web')
  expect(await readFile(path, 'utf8')).toContain(' second REST.GET.OBJECT ')
  expect((await stat(path)).mode & 0o007).toBe(0)
})

test('on a real disk a place that cannot be written costs lines, not the proxy', async () => {
  await using dir = await createTempDir()
  const directory = join(dir.path, 'logs')
  await mkdir(join(directory, '2026/02/06/2026-02-06-13-05-00-web'), { recursive: true })
  const { log, seen } = setUp({ directory, files: nodeLogFiles })
  log.write(requestRecord())
  await log.close()
  expect(seen).toEqual({ dropped: 1, told: ['the access log cannot be written'] })
  expect(await readdir(directory)).toEqual(['2026'])
})

test('on a real disk old files and empty directories go', async () => {
  await using dir = await createTempDir()
  const path = join(dir.path, '2026/01/06/2026-01-06-13-00-00-web')
  await nodeLogFiles.append(path, Buffer.from('x'))
  const { log } = setUp({ directory: dir.path, files: nodeLogFiles })
  await log.close()
  expect(await readdir(dir.path)).toEqual(['2026'])
  expect(await readdir(join(dir.path, '2026'))).toEqual([])
})
