import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIpAddress, parseIpAddress, unmapIpAddress } from './ip-address.ts'

const octets = (length: number) => fc.array(fc.nat(255), { minLength: length, maxLength: length })

/** Addresses with the runs of zeros that random bytes never have. */
const sparse = fc.array(fc.constantFrom([0, 0], [0, 1], [0xab, 0xcd]), { minLength: 8, maxLength: 8 })

describe('parseIpAddress', () => {
  it.each([
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:1.2.3.4', '::ffff:102:304'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['10.0.0.1', '10.0.0.1'],
  ])('reads %s as %s', (text, canonical) => {
    const bytes = parseIpAddress(text)
    expect(bytes && formatIpAddress(bytes)).toBe(canonical)
  })

  it.each(['', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.256', '1.2.3.x', '0x1.2.3.4', ':', ':::', '1::2::3', '1:2:3'])(
    'refuses %j',
    (text) => expect(parseIpAddress(text)).toBeUndefined(),
  )

  it.each([
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '::1%lo',
    '1.2.3.4::',
    '::1.2.3',
    '[::1]',
    ' ::1',
  ])('refuses %j', (text) => expect(parseIpAddress(text)).toBeUndefined())

  it('gives back what was formatted', () => {
    const pairs = sparse.map((groups) => groups.flat())
    fc.assert(
      fc.property(fc.oneof(octets(4), octets(16), pairs), (bytes) => {
        expect(parseIpAddress(formatIpAddress(bytes))).toEqual(bytes)
      }),
    )
  })

  it('agrees with Node on what an address is', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'0123456789abF:.'), maxLength: 20 })
    fc.assert(
      fc.property(fc.oneof(nearly, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        const bytes = parseIpAddress(text)
        expect(bytes === undefined ? 0 : bytes.length === 4 ? 4 : 6).toBe(text.includes('%') ? 0 : isIP(text))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('unmapIpAddress', () => {
  it('finds the IPv4 address in a mapped one and in no other', () => {
    expect(unmapIpAddress(parseIpAddress('::ffff:10.0.0.1') ?? [])).toEqual([10, 0, 0, 1])
    expect(unmapIpAddress(parseIpAddress('::10.0.0.1') ?? [])).toHaveLength(16)
    expect(unmapIpAddress([10, 0, 0, 1])).toEqual([10, 0, 0, 1])
  })
})
