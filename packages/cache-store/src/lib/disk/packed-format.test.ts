import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleRepresentation } from '../testing/store-contract.ts'
import { decodePackedTail, encodePackedTail, frameBytes, frameCount } from './packed-format.ts'

const range = { start: 1000, end: 1000 + 2 * frameBytes + 77 }
const representation = sampleRepresentation({ size: 10 * frameBytes })
const frames = [
  { length: 1000, checksum: 1 },
  { length: frameBytes, checksum: 0xffff_ffff },
  { length: 77, checksum: 3 },
]
const tail = encodePackedTail(representation, range, frames, 1_700_000_000_000)
const fileBytes = 1000 + frameBytes + 77 + tail.length

describe('the tail of a packed extent', () => {
  it('comes back as it was, also from a longer end of the file', () => {
    expect(frameCount(range)).toBe(3)
    for (const end of [tail, Buffer.concat([Buffer.alloc(50, 7), tail])]) {
      const decoded = decodePackedTail(end, fileBytes, representation, range)
      expect(decoded).toEqual({
        kind: 'tail',
        table: {
          offsets: Float64Array.of(0, 1000, 1000 + frameBytes, 1000 + frameBytes + 77),
          checksums: Uint32Array.of(1, 0xffff_ffff, 3),
        },
      })
    }
  })

  it('is refused for any other extent and any other length of the file', () => {
    const other = sampleRepresentation({ size: 10 * frameBytes, etag: '"other!!!"' })
    expect(decodePackedTail(tail, fileBytes, other, range).kind).toBe('corrupt')
    expect(decodePackedTail(tail, fileBytes, representation, { ...range, end: range.end + 1 }).kind).toBe('corrupt')
    expect(decodePackedTail(tail, fileBytes + 1, representation, range).kind).toBe('corrupt')
  })

  it('is refused with any bit changed and at any length', () => {
    fc.assert(
      fc.property(fc.nat(tail.length * 8 - 1), (bit) => {
        const bad = Buffer.from(tail)
        bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(decodePackedTail(bad, fileBytes, representation, range).kind).toBe('corrupt')
      }),
    )
    for (let length = 0; length < tail.length; length++) {
      expect(decodePackedTail(tail.subarray(tail.length - length), fileBytes, representation, range).kind).toBe(
        'corrupt',
      )
    }
  })

  it('is refused with a frame longer than its bytes', () => {
    const bad = encodePackedTail(
      representation,
      range,
      [{ length: frameBytes + 1, checksum: 0 }, ...frames.slice(1)],
      0,
    )
    const decoded = decodePackedTail(bad, 2 * frameBytes + 78 + bad.length, representation, range)
    expect(decoded).toMatchObject({ kind: 'corrupt', reason: 'a frame of impossible length' })
  })
})
