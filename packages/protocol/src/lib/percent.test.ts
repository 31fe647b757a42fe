import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { percentDecodeOnce } from './percent.ts'

describe('percentDecodeOnce', () => {
  it.each([
    ['/bucket/a/b', '/bucket/a/b'],
    ['', ''],
    ['a+b', 'a+b'],
    ['a%2Fb', 'a/b'],
    ['a%2fb', 'a/b'],
    ['a%252Fb', 'a%2Fb'],
    ['%25', '%'],
    ['%', '%'],
    ['%2', '%2'],
    ['%zz%41', '%zzA'],
    ['%%41', '%A'],
    ['%4%41', '%4A'],
    ['a%', 'a%'],
    ['%00%0A%7f', '\x00\n\x7f'],
    ['%E6%97%A5', '\xe6\x97\xa5'],
    ['\xe6\x97\xa5', '\xe6\x97\xa5'],
    ['%ff%FE', '\xff\xfe'],
    ['..%2f..//./', '../..//./'],
  ])('%j becomes %j', (raw, decoded) => {
    expect(percentDecodeOnce(raw)).toBe(decoded)
  })

  it('gives back any bytes, however they were written', () => {
    const byte = fc.record({ code: fc.integer({ min: 0, max: 255 }), form: fc.constantFrom('upper', 'lower', 'raw') })
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 30 }), (bytes) => {
        const raw = bytes.map(({ code, form }) => {
          const hex = code.toString(16).padStart(2, '0')
          if (form === 'raw' && code !== 0x25) return String.fromCharCode(code)
          return `%${form === 'upper' ? hex.toUpperCase() : hex}`
        })
        expect(percentDecodeOnce(raw.join(''))).toBe(String.fromCharCode(...bytes.map(({ code }) => code)))
      }),
    )
  })

  it('agrees with decodeURIComponent where that is defined', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const decoded = percentDecodeOnce(encodeURIComponent(text))
        expect(Buffer.from(decoded, 'latin1').toString('utf8')).toBe(text)
      }),
    )
  })
})
