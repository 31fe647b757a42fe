import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEntityTag, parseEntityTagList, strongMatch, weakMatch } from './etag.ts'

const md5 = 'd41d8cd98f00b204e9800998ecf8427e'
const strong = (opaque: string) => ({ weak: false, opaque })
const weak = (opaque: string) => ({ weak: true, opaque })

describe('parseEntityTag', () => {
  it.each([
    [`"${md5}"`, strong(md5)],
    [`"${md5}-17"`, strong(`${md5}-17`)],
    [`W/"${md5}"`, weak(md5)],
    [md5, strong(md5)],
    [`W/${md5}`, weak(md5)],
    ['""', strong('')],
    ['"a,b *"', strong('a,b *')],
    ['"\xe9"', strong('\xe9')],
    ['', undefined],
    ['*', undefined],
    ['"', undefined],
    ['"a', undefined],
    ['a"', undefined],
    ['"a"b"', undefined],
    ['a b', undefined],
    ['a,b', undefined],
    ['w/"a"', undefined],
  ])('reads %j', (text, tag) => {
    expect(parseEntityTag(text)).toEqual(tag)
  })
})

describe('parseEntityTagList', () => {
  it.each([
    ['"a"', [strong('a')]],
    ['"a", "b"', [strong('a'), strong('b')]],
    ['"a","b",W/"c"', [strong('a'), strong('b'), weak('c')]],
    ['"a,b", "c"', [strong('a,b'), strong('c')]],
    ['"", ",", ""', [strong(''), strong(','), strong('')]],
    ['a, b', [strong('a'), strong('b')]],
    [', ,"a",, ', [strong('a')]],
    [' "a" ', [strong('a')]],
  ])('reads %j', (value, tags) => {
    expect(parseEntityTagList(value)).toEqual({ kind: 'list', tags, complete: true })
  })

  it.each([
    ['"a", *', [strong('a')]],
    ['"a', []],
    ['', []],
  ])('reads what it can of %j, and says so', (value, tags) => {
    expect(parseEntityTagList(value)).toEqual({ kind: 'list', tags, complete: false })
  })

  it('knows the star', () => {
    expect(parseEntityTagList('*')).toEqual({ kind: 'any' })
    expect(parseEntityTagList(' * ')).toEqual({ kind: 'any' })
  })

  it('reads back any list of quoted tags', () => {
    const opaque = fc.string({ maxLength: 8 }).map((text) => text.replaceAll('"', "'"))
    const tag = fc.record({ weak: fc.boolean(), opaque })
    fc.assert(
      fc.property(fc.array(tag, { minLength: 1, maxLength: 5 }), (tags) => {
        const value = tags.map((one) => `${one.weak ? 'W/' : ''}"${one.opaque}"`).join(', ')
        expect(parseEntityTagList(value)).toEqual({ kind: 'list', tags, complete: true })
      }),
    )
  })
})

describe('strongMatch, weakMatch', () => {
  // The table of RFC 9110 section 8.8.3.2.
  it.each([
    [weak('1'), weak('1'), false, true],
    [weak('1'), weak('2'), false, false],
    [weak('1'), strong('1'), false, true],
    [strong('1'), strong('1'), true, true],
  ])('%j and %j', (a, b, byStrong, byWeak) => {
    expect([strongMatch(a, b), strongMatch(b, a)]).toEqual([byStrong, byStrong])
    expect([weakMatch(a, b), weakMatch(b, a)]).toEqual([byWeak, byWeak])
  })
})
