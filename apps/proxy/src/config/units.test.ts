import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts'

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['10y', 315_360_000_000],
  ['0', 0],
  [0, 0],
  [' 1s ', 1000],
])('the duration %s is %d ms', (raw, value) => {
  expect(parseDuration(raw)).toEqual({ kind: 'value', value })
})

test.each([
  ['64KiB', 65_536],
  ['512MiB', 536_870_912],
  ['10GiB', 10_737_418_240],
  ['1TiB', 1_099_511_627_776],
  ['1.5KiB', 1536],
  ['10GB', 10_000_000_000],
  ['7B', 7],
  ['1234', 1234],
  [1234, 1234],
  [0, 0],
])('the size %s is %d bytes', (raw, value) => {
  expect(parseSize(raw)).toEqual({ kind: 'value', value })
})

test.each([
  5,
  '5',
  '-1s',
  '1 s',
  '1e3s',
  's',
  '',
  '1w',
  '1S',
  '1h30m',
  '99999999y',
  '1constructor',
  null,
  true,
  [],
  Number.NaN,
])('%j is no duration', (raw) => {
  expect(parseDuration(raw).kind).toBe('malformed')
})

test.each([
  -1,
  1.5,
  '1gib',
  '10G',
  '1.5',
  '9999999999999999',
  '99999999TiB',
  '1toString',
  '',
  null,
  {},
  Number.POSITIVE_INFINITY,
])('%j is no size', (raw) => {
  expect(parseSize(raw).kind).toBe('malformed')
})

test('what is formatted reads back as the same', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (value) => {
      expect(parseDuration(formatDuration(value))).toEqual({ kind: 'value', value })
      expect(parseSize(formatSize(value))).toEqual({ kind: 'value', value })
    }),
  )
})
