import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRecord, encodeRecord, maxRecordFileBytes } from './record.ts'
import { sampleBytes, sampleRepresentation } from './testing/store-contract.ts'

const binary = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((unit) => String.fromCharCode(unit)),
  maxLength: 40,
})

describe('the record file', () => {
  it('gives back what went in, whatever the bytes', () => {
    const representation = fc.record({
      key: binary,
      etag: binary,
      size: fc.nat(500),
      headers: fc.array(fc.tuple(binary, binary), { maxLength: 6 }).map((pairs) => pairs.flat()),
      checksums: fc.boolean(),
    })
    fc.assert(
      fc.property(representation, fc.boolean(), (value, embedded) => {
        const body = embedded ? sampleBytes(value.size) : undefined
        const file = encodeRecord({ representation: value, body })
        expect(file.length).toBeLessThanOrEqual(maxRecordFileBytes(value) + (body?.length ?? 0))
        const decoded = decodeRecord(file)
        expect(decoded.kind).toBe('record')
        if (decoded.kind !== 'record') return
        expect(decoded.record.representation).toEqual(value)
        expect(decoded.record.body && Buffer.from(decoded.record.body)).toEqual(body)
      }),
    )
  })

  const file = encodeRecord({ representation: sampleRepresentation({ size: 300 }), body: sampleBytes(300) })

  it('is corrupt when cut short anywhere, or grown', () => {
    for (let length = 0; length < file.length; length++) {
      expect(decodeRecord(Buffer.from(file.subarray(0, length))).kind).toBe('corrupt')
    }
    expect(decodeRecord(Buffer.concat([file, Buffer.alloc(1)])).kind).toBe('corrupt')
  })

  it('is corrupt when any byte has changed', () => {
    for (let at = 0; at < file.length; at++) {
      const changed = Buffer.from(file)
      changed[at] = (changed[at] ?? 0) ^ 0x40
      expect(decodeRecord(changed).kind).toBe('corrupt')
    }
  })

  it('is corrupt when it is well framed but says nonsense', () => {
    const nonsense = [
      { size: -1 },
      { size: 1.5 },
      { headers: ['odd'] },
      { headers: [1, 2] },
      { etag: undefined },
      { checksums: 'yes' },
    ]
    for (const fields of nonsense) {
      const representation = { ...sampleRepresentation(), ...fields } as ReturnType<typeof sampleRepresentation>
      expect(decodeRecord(encodeRecord({ representation, body: undefined })).kind).toBe('corrupt')
    }
  })
})
