import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRangeHeader, resolveRange } from './range-header.ts'

describe('parseRangeHeader', () => {
  it.each([
    ['bytes=0-0', { kind: 'closed', first: 0, last: 0 }],
    ['bytes=0-8388607', { kind: 'closed', first: 0, last: 8388607 }],
    ['Bytes=5-9', { kind: 'malformed' }],
    ['bytes=007-009', { kind: 'closed', first: 7, last: 9 }],
    ['bytes=100-', { kind: 'from', first: 100 }],
    ['bytes=-500', { kind: 'suffix', length: 500 }],
    ['bytes=-0', { kind: 'suffix', length: 0 }],
    ['bytes=0-9223372036854775807', { kind: 'closed', first: 0, last: Number.MAX_SAFE_INTEGER }],
    ['bytes=9223372036854775807-', { kind: 'from', first: Number.MAX_SAFE_INTEGER }],
    [`bytes=-${'9'.repeat(400)}`, { kind: 'malformed' }],
    ['bytes=0-9223372036854775808', { kind: 'malformed' }],
    ['bytes=9223372036854775808-', { kind: 'malformed' }],
    ['bytes=0-1,3-4', { kind: 'multiple' }],
    ['bytes=0-1, -5', { kind: 'multiple' }],
    ['bytes=0-1,', { kind: 'multiple' }],
    ['bytes=5-3', { kind: 'malformed' }],
    ['bytes=-', { kind: 'malformed' }],
    ['bytes=', { kind: 'malformed' }],
    ['bytes', { kind: 'malformed' }],
    ['', { kind: 'malformed' }],
    ['bytes=a-b', { kind: 'malformed' }],
    ['bytes=--5', { kind: 'malformed' }],
    ['bytes=+1-2', { kind: 'malformed' }],
    ['bytes=1.0-2', { kind: 'malformed' }],
    ['bytes=0x1-0x2', { kind: 'malformed' }],
    ['bytes =0-1', { kind: 'malformed' }],
    ['bytes= 0-1', { kind: 'malformed' }],
    ['items=0-1', { kind: 'malformed' }],
    ['items=0-1,2-3', { kind: 'malformed' }],
    ['bytes=0-1\n', { kind: 'malformed' }],
  ])('reads %j', (value, spec) => {
    expect(parseRangeHeader(value)).toEqual(spec)
  })
})

describe('resolveRange', () => {
  it.each([
    ['bytes=0-0', 10, { start: 0, end: 1 }],
    ['bytes=2-5', 10, { start: 2, end: 6 }],
    ['bytes=2-9', 10, { start: 2, end: 10 }],
    ['bytes=2-10', 10, { start: 2, end: 10 }],
    ['bytes=0-9223372036854775807', 10, { start: 0, end: 10 }],
    ['bytes=9-', 10, { start: 9, end: 10 }],
    ['bytes=-3', 10, { start: 7, end: 10 }],
    ['bytes=-10', 10, { start: 0, end: 10 }],
    ['bytes=-11', 10, { start: 0, end: 10 }],
  ])('%s of %d bytes', (value, size, range) => {
    expect(resolveRange(parseRangeHeader(value), size)).toEqual({ kind: 'range', range })
  })

  it.each([
    ['bytes=10-10', 10],
    ['bytes=10-', 10],
    ['bytes=9223372036854775807-', 10],
    ['bytes=-0', 10],
    ['bytes=0-0', 0],
    ['bytes=0-', 0],
    ['bytes=-5', 0],
  ])('%s of %d bytes is unsatisfiable', (value, size) => {
    expect(resolveRange(parseRangeHeader(value), size)).toEqual({ kind: 'unsatisfiable' })
  })

  it.each(['bytes=0-1,3-4', 'bytes=5-3', 'lines=1-2', ''])('%j is ignored', (value) => {
    expect(resolveRange(parseRangeHeader(value), 10)).toEqual({ kind: 'whole' })
  })

  it('selects exactly the bytes asked for that exist', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.nat(20), (first, extra, size) => {
        const all = Array.from({ length: size }, (_, i) => i)
        const expected = {
          [`bytes=${first}-${first + extra}`]: all.slice(first, first + extra + 1),
          [`bytes=${first}-`]: all.slice(first),
          [`bytes=-${first}`]: first === 0 ? [] : all.slice(-first),
        }
        for (const [value, bytes] of Object.entries(expected)) {
          const resolved = resolveRange(parseRangeHeader(value), size)
          if (bytes.length === 0) expect(resolved.kind).toBe('unsatisfiable')
          else expect(resolved).toEqual({ kind: 'range', range: { start: bytes[0], end: (bytes.at(-1) ?? 0) + 1 } })
        }
      }),
    )
  })
})
