import type { Representation } from '@s3proxy/cache-store'
import { describe, expect, it } from 'vitest'
import { HitHead } from './hit-head.ts'

const representation: Representation = {
  key: 'k',
  etag: '"e"',
  size: 10,
  headers: ['ETag', '"e"', 'x-amz-checksum-crc32', 'AAAA', 'X-Amz-Meta-A', '\xe9', 'x-amz-meta-a', ''],
  checksums: true,
}
const fields = { wanted: { start: 0, end: 10 }, partial: false, wantsChecksums: false, requestId: 'ID', ageSeconds: 7 }

describe('the head of a hit', () => {
  it.each([
    [fields, 200, ['ETag', '"e"', 'X-Amz-Meta-A', '\xe9', 'x-amz-meta-a', '', 'Content-Length', '10', 'Age', '7']],
    [
      { ...fields, wantsChecksums: true },
      200,
      [
        'ETag',
        '"e"',
        'x-amz-checksum-crc32',
        'AAAA',
        'X-Amz-Meta-A',
        '\xe9',
        'x-amz-meta-a',
        '',
        'Content-Length',
        '10',
        'Age',
        '7',
      ],
    ],
    [
      // The checksum is of the whole.
      { ...fields, wantsChecksums: true, partial: true, wanted: { start: 2, end: 5 } },
      206,
      [
        'ETag',
        '"e"',
        'X-Amz-Meta-A',
        '\xe9',
        'x-amz-meta-a',
        '',
        'Content-Length',
        '3',
        'Content-Range',
        'bytes 2-4/10',
        'Age',
        '7',
      ],
    ],
  ])('says the same as fields and as text', (given, status, expected) => {
    const head = new HitHead(representation, given, `x-amz-request-id: ${given.requestId}\r\n`).with(['X-Cache', 'HIT'])
    const all = [...expected, 'x-amz-request-id', 'ID', 'X-Cache', 'HIT']
    expect([head.status, head.length, head.headers]).toEqual([status, given.wanted.end - given.wanted.start, all])
    let text = ''
    for (let i = 0; i < all.length; i += 2) text += `${all[i]}: ${all[i + 1]}\r\n`
    expect(head.text).toBe(text)
  })

  it('is never made of fields that would break out of their line', () => {
    for (const headers of [
      ['A', 'b\r\nC: d'],
      ['A\r\nB', 'c'],
      ['A', 'b\0'],
    ]) {
      expect(() => new HitHead({ ...representation, headers }, fields, '')).toThrow(RangeError)
    }
  })
})
