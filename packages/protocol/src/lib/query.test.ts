import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseQuery } from './query.ts'

describe('parseQuery', () => {
  it.each([
    ['', []],
    ['&', []],
    ['acl', [{ name: 'acl', value: undefined }]],
    ['acl=', [{ name: 'acl', value: '' }]],
    ['=', [{ name: '', value: '' }]],
    ['a=b=c', [{ name: 'a', value: 'b=c' }]],
    [
      'a=1&&a=2&',
      [
        { name: 'a', value: '1' },
        { name: 'a', value: '2' },
      ],
    ],
    ['prefix=a+b%2Bc%20d', [{ name: 'prefix', value: 'a+b+c d' }]],
    ['a%3Db=%26', [{ name: 'a=b', value: '&' }]],
    ['version%49d=x', [{ name: 'versionId', value: 'x' }]],
    ['a=%zz%', [{ name: 'a', value: '%zz%' }]],
    ['a=%E6%97%A5', [{ name: 'a', value: '\xe6\x97\xa5' }]],
    ['a;b', [{ name: 'a;b', value: undefined }]],
    ['?a', [{ name: '?a', value: undefined }]],
  ])('reads %j', (raw, parameters) => {
    expect(parseQuery(raw)).toEqual(parameters)
  })

  it('shares the empty list', () => {
    expect(parseQuery('')).toBe(parseQuery(''))
  })

  it('never loses sight of a parameter, however many there are', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=%41`).join('&')
    expect(parseQuery(many(128))).toHaveLength(128)
    expect(parseQuery(many(127)).at(-1)).toEqual({ name: 'p126', value: 'A' })
    const parameters = parseQuery(many(130))
    expect(parameters).toHaveLength(128)
    expect(parameters.at(-1)).toEqual({ name: 'p127=%41&p128=%41&p129=%41', value: undefined })
  })

  it('reads what URLSearchParams writes, but for the plus', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 10 })
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 10 }), (pairs) => {
        const raw = new URLSearchParams(pairs).toString().replaceAll('+', '%20')
        const binary = (value: string) => Buffer.from(value, 'utf8').toString('latin1')
        expect(parseQuery(raw)).toEqual(pairs.map(([name, value]) => ({ name: binary(name), value: binary(value) })))
      }),
    )
  })
})
