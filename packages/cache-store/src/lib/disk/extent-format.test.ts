import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { blockBytes, decodeTail, encodeTail, extentFileBytes, maxTailBytes } from './extent-format.ts'

const representation = sampleRepresentation({ key: 'caf\u00e9 "\u0000\n', size: 10 * blockBytes })
const range = { start: 100, end: 100 + 2 * blockBytes + 5 }
const body = sampleBytes(range.end - range.start)
const checksums = [0, 1, 2].map((block) => crc32(body.subarray(block * blockBytes, (block + 1) * blockBytes)))
const tail = encodeTail(representation, range, checksums, 1_700_000_000_000)

describe('the tail of an extent file', () => {
  it('gives back the checksums, and has the length that was charged for', () => {
    const decoded = decodeTail(tail, representation, range)
    expect(decoded).toEqual({ kind: 'tail', checksums: Uint32Array.from(checksums) })
    expect(body.length + tail.length).toBe(extentFileBytes(representation, range))
    expect(tail.length).toBeLessThanOrEqual(maxTailBytes(range))
  })

  it('has the same length whenever it was made', () => {
    for (const createdAt of [0, -5, 1e12, 1e15, Number.MAX_SAFE_INTEGER]) {
      expect(encodeTail(representation, range, checksums, createdAt).length).toBe(tail.length)
    }
  })

  it('is corrupt when cut short anywhere, or grown', () => {
    for (let length = 0; length < tail.length; length++) {
      expect(decodeTail(Buffer.from(tail.subarray(0, length)), representation, range).kind).toBe('corrupt')
    }
    expect(decodeTail(Buffer.concat([tail, Buffer.alloc(1)]), representation, range).kind).toBe('corrupt')
  })

  it('is corrupt when any byte has changed', () => {
    for (let at = 0; at < tail.length; at++) {
      const changed = Buffer.from(tail)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(decodeTail(changed, representation, range).kind).toBe('corrupt')
    }
  })

  it('belongs to one key, one representation and one range only', () => {
    const others = [
      [{ ...representation, key: 'other' }, range],
      [{ ...representation, etag: '"b"' }, range],
      [{ ...representation, size: representation.size + 1 }, range],
      [representation, { start: range.start + 1, end: range.end + 1 }],
      [representation, { start: range.start, end: range.end + 1 }],
    ] as const
    for (const [wanted, at] of others) expect(decodeTail(tail, wanted, at).kind).toBe('corrupt')
  })
})
