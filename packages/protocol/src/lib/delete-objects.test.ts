import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDeleteObjects } from './delete-objects.ts'

const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
const parse = (xml: string) => parseDeleteObjects(Buffer.from(xml, 'utf8'))
const keysOf = (xml: string) => {
  const request = parse(xml)
  return request.kind === 'keys' ? request.objects.map(({ key }) => key) : request.reason
}
const binary = (text: string) => Buffer.from(text, 'utf8').toString('latin1')
const object = (inner: string) => `<Delete><Object>${inner}</Object></Delete>`

describe('parseDeleteObjects', () => {
  it('reads what the SDKs send', () => {
    const xml =
      `<?xml version="1.0" encoding="UTF-8"?>\n<Delete ${namespace}><Object><Key>a/b.txt</Key></Object>` +
      '<Object><Key>c</Key><VersionId>UIORUnfndfiufdisojhr398493jfdkjFJjkndnqUifhnw89493jJFJ</VersionId></Object>' +
      '<Quiet>true</Quiet></Delete>'
    expect(parse(xml)).toEqual({
      kind: 'keys',
      objects: [{ key: 'a/b.txt' }, { key: 'c', versionId: 'UIORUnfndfiufdisojhr398493jfdkjFJjkndnqUifhnw89493jJFJ' }],
    })
  })

  it.each([
    ['entities', '<Key>a&amp;b&lt;c&gt;&quot;&apos;</Key>', 'a&b<c>"\''],
    ['character references', '<Key>a&#10;b&#x0D;c&#x1F600;</Key>', binary('a\nb\rc😀')],
    ['CDATA', '<Key><![CDATA[a<b>&amp;]]></Key>', 'a<b>&amp;'],
    ['CDATA between text', '<Key>x<![CDATA[y]]>z</Key>', 'xyz'],
    ['a comment inside', '<Key>x<!-- no -->z</Key>', 'xz'],
    ['white space, which belongs to the key', '<Key> a\r\nb </Key>', ' a\nb '],
    ['percent signs, which are not decoded', '<Key>a%2Fb+c%</Key>', 'a%2Fb+c%'],
    ['what is not ASCII', '<Key>Å‽日本/é</Key>', binary('Å‽日本/é')],
    ['an empty version id', '<Key>a</Key><VersionId/>', 'a'],
    ['the other members', '<ETag>"x"</ETag><Key>a</Key><LastModifiedTime>t</LastModifiedTime><Size>3</Size>', 'a'],
  ])('reads %s', (_what, inner, key) => {
    expect(keysOf(object(inner))).toEqual([key])
  })

  it('does not mind prefixes, a byte order mark and an encoding of ASCII', () => {
    expect(keysOf('<s3:Delete xmlns:s3="urn:x"><s3:Object><s3:Key>a</s3:Key></s3:Object></s3:Delete>')).toEqual(['a'])
    expect(keysOf(`\ufeff${object('<Key>a</Key>')}`)).toEqual(['a'])
    expect(keysOf(`<?xml version="1.0" encoding="us-ascii"?>${object('<Key>a</Key>')}`)).toEqual(['a'])
  })

  it('takes 1,000 keys and no more', () => {
    const xml = (count: number) => `<Delete>${'<Object><Key>a</Key></Object>'.repeat(count)}</Delete>`
    expect(keysOf(xml(1000))).toHaveLength(1000)
    expect(keysOf(xml(1001))).toBe('too-many-keys')
  })

  it.each([
    ['nothing', '', 'not-xml'],
    ['JSON', '{}', 'not-xml'],
    ['an element left open', '<Delete><Object><Key>a</Key></Object>', 'not-xml'],
    ['elements that cross', '<Delete><Object><Key>a</Object></Key></Delete>', 'not-xml'],
    ['an unknown entity', object('<Key>&x;</Key>'), 'not-xml'],
    ['a character XML cannot hold', object('<Key>&#1;</Key>'), 'not-xml'],
    ['a second root', `${object('<Key>a</Key>')}<Delete/>`, 'not-xml'],
    ['a document type', `<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${object('<Key>b</Key>')}`, 'doctype'],
    ['another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?>${object('<Key>a</Key>')}`, 'not-utf-8'],
    ['another document', '<CompleteMultipartUpload/>', 'unexpected-structure'],
    ['no object', '<Delete/>', 'unexpected-structure'],
    ['an object without a key', object('<VersionId>v</VersionId>'), 'unexpected-structure'],
    ['an empty key', object('<Key/>'), 'unexpected-structure'],
    ['two keys in an object', object('<Key>a</Key><Key>b</Key>'), 'unexpected-structure'],
    ['two versions in an object', object('<Key>a</Key><VersionId/><VersionId/>'), 'unexpected-structure'],
    ['an element inside a key', object('<Key>a<b/></Key>'), 'unexpected-structure'],
    ['objects one level down', `<x>${object('<Key>a</Key>')}</x>`, 'unexpected-structure'],
    ['deep elements', '<Delete>'.repeat(200_000), 'unexpected-structure'],
    ['many elements', `<Delete>${'<a/>'.repeat(500_000)}</Delete>`, 'unexpected-structure'],
    [
      'many attributes',
      `<Delete ${Array.from({ length: 200_000 }, (_, i) => `a${i}=""`).join(' ')}/>`,
      'unexpected-structure',
    ],
    ['more than fits 1,000 keys', ' '.repeat(2 * 1024 * 1024 + 1), 'too-large'],
  ])('refuses %s', (_what, xml, reason) => {
    expect(parse(xml)).toEqual({ kind: 'unreadable', reason })
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(parseDeleteObjects(Buffer.from(object('<Key>\xff</Key>'), 'latin1'))).toEqual({
      kind: 'unreadable',
      reason: 'not-utf-8',
    })
    expect(parseDeleteObjects(Buffer.from(object('<Key>a</Key>'), 'utf16le')).kind).toBe('unreadable')
  })

  it('gives back any keys, escaped or in CDATA', () => {
    const unit = fc.oneof(
      fc.constantFrom('&', '<', '>', ']', '\t', '\n', '%2F', '😀'),
      fc.string({ minLength: 1, maxLength: 1 }),
    )
    const key = fc.string({ unit, minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.boolean()), { minLength: 1, maxLength: 5 }), (keys) => {
        const xml = keys.map(([text, cdata]) => `<Object><Key>${cdata ? inCdata(text) : escaped(text)}</Key></Object>`)
        expect(keysOf(`<Delete>${xml.join('')}</Delete>`)).toEqual(keys.map(([text]) => binary(text)))
      }),
    )
  })

  it('answers whatever it is given', () => {
    const piece = fc.constantFrom(
      '<Delete>',
      '</Delete>',
      '<Object>',
      '</Object>',
      '<Key>',
      '</Key>',
      'a',
      '&',
      '<![CDATA[',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        expect(['keys', 'unreadable']).toContain(parse(pieces.join('')).kind)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (body) => {
        expect(parseDeleteObjects(body).kind).toBe('unreadable')
      }),
    )
  })
})

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}

function inCdata(text: string): string {
  return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
}
