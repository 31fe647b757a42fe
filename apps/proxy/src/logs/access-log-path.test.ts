import { expect, test } from 'vitest'
import { accessLogPath, fileNamePart, intervalStart, parseAccessLogName } from './access-log-path.ts'

const at = (iso: string) => Date.parse(iso)

test('files lie by day and are named by the start of their interval', () => {
  const start = intervalStart(at('2026-02-06T13:07:59.999Z'), 300_000)
  expect(accessLogPath('/logs', 'web-1', start)).toBe('/logs/2026/02/06/2026-02-06-13-05-00-web-1')
})

test.each([
  [300_000, '2026-02-06T00:00:00.000Z', '2026-02-06T00:00:00.000Z'],
  [300_000, '2026-02-06T23:59:59.999Z', '2026-02-06T23:55:00.000Z'],
  [7 * 3_600_000, '2026-02-06T22:00:00.000Z', '2026-02-06T21:00:00.000Z'],
  [86_400_000, '2026-02-06T22:00:00.000Z', '2026-02-06T00:00:00.000Z'],
])('an interval of %d ms at %s begins at %s', (rotationMs, now, start) => {
  expect(new Date(intervalStart(at(now), rotationMs)).toISOString()).toBe(start)
})

test('names are read back, and only those of the same machine', () => {
  expect(parseAccessLogName('2026-02-06-13-05-00-web-1', 'web-1')).toBe(at('2026-02-06T13:05:00Z'))
  for (const name of ['2026-02-06-13-05-00-web-12', '2026-02-06-13-05-00', '2026-13-06-13-05-00-web-1', 'x']) {
    expect(parseAccessLogName(name, 'web-1')).toBeUndefined()
  }
})

test('a machine name cannot lead out of the directory', () => {
  expect(fileNamePart('../a b')).toBe('.._a_b')
  expect(fileNamePart('')).toBe('host')
})
