import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineFile } from './line-file.ts'
import { createMemoryLogFiles } from './memory-log-files.ts'

function setUp(options: { maxPendingBytes?: number } = {}) {
  const files = createMemoryLogFiles()
  const seen = { dropped: 0, events: [] as string[] }
  const place = { path: '/a' }
  const lines = createLineFile({
    pathAt: () => place.path,
    now: () => 0,
    files,
    maxPendingBytes: options.maxPendingBytes ?? 1000,
    onDropped: (count) => {
      seen.dropped += count
    },
    onOutage: (path, reason) => seen.events.push(`outage ${path} ${reason}`),
    onRecovery: (path) => seen.events.push(`recovery ${path}`),
  })
  return { files, seen, place, lines }
}

test('lines arrive in order', async () => {
  const { files, lines } = setUp()
  lines.write('one\n')
  lines.write('zwei ü\n')
  await lines.flush()
  lines.write('three\n')
  await lines.close()
  expect(files.contents.get('/a')).toBe('one\nzwei ü\nthree\n')
})

test('what a full disk does not take is kept and written when it can be, told once', async () => {
  const { files, seen, lines } = setUp()
  files.room = 6
  lines.write('one\n')
  lines.write('two\n')
  await lines.flush()
  await lines.flush()
  lines.write('three\n')
  files.room = undefined
  await lines.flush()
  expect(files.contents.get('/a')).toBe('one\ntw\ntwo\nthree\n')
  expect(seen).toEqual({ dropped: 0, events: ['outage /a no space left on the device', 'recovery /a'] })
})

test('a line cut short in one file begins anew in the next', async () => {
  const { files, place, lines } = setUp()
  files.room = 2
  lines.write('one\n')
  await lines.flush()
  files.room = undefined
  place.path = '/b'
  await lines.flush()
  expect([...files.contents]).toEqual([
    ['/a', 'on'],
    ['/b', 'one\n'],
  ])
})

test('beyond the bound lines are dropped and counted, and so are those left at the end', async () => {
  const { files, seen, lines } = setUp({ maxPendingBytes: 10 })
  files.room = 0
  for (let i = 0; i < 5; i += 1) lines.write('line\n')
  expect([seen.dropped, lines.pendingBytes]).toEqual([3, 10])
  await lines.close()
  expect(seen.dropped).toBe(5)
  lines.write('late\n')
  expect(seen.dropped).toBe(6)
})

test('lines written while a batch is on its way go with the same flush', async () => {
  const { files, lines } = setUp()
  lines.write('one\n')
  const flushed = lines.flush()
  lines.write('two\n')
  await flushed
  expect(files.contents.get('/a')).toBe('one\ntwo\n')
})

test('whatever the disk does, each line is written whole or counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(4), fc.option(fc.nat(30))), { maxLength: 20 }), async (steps) => {
      const { files, seen, lines } = setUp({ maxPendingBytes: 60 })
      let next = 0
      for (const [count, room] of steps) {
        files.room = room ?? undefined
        for (let i = 0; i < count; i += 1) lines.write(`line-${next++};\n`)
        await lines.flush()
      }
      files.room = undefined
      await lines.close()
      const whole = (files.contents.get('/a') ?? '').split('\n').filter((line) => /^line-\d+;$/.test(line))
      expect(new Set(whole).size).toBe(whole.length)
      expect(whole.length + seen.dropped).toBe(next)
      expect(whole.map((line) => Number(/\d+/.exec(line)?.[0]))).toEqual(
        whole.map((line) => Number(/\d+/.exec(line)?.[0])).sort((a, b) => a - b),
      )
    }),
  )
})
