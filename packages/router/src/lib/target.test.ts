import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxTargetLength, parseTarget } from './target.ts'

describe('parseTarget', () => {
  it.each([
    ['/', '/', undefined],
    ['/?', '/', ''],
    ['/bucket/key', '/bucket/key', undefined],
    ['/bucket/key?versionId=1&x=a?b', '/bucket/key', 'versionId=1&x=a?b'],
    ['//key', '//key', undefined],
    ['//host/key', '//host/key', undefined],
    ['/a/../b/./%2e%2E//', '/a/../b/./%2e%2E//', undefined],
    ['/a%2Fb+c%zz%', '/a%2Fb+c%zz%', undefined],
    ['/"<>\\^`{|}', '/"<>\\^`{|}', undefined],
    ['/caf\u00c3\u00a9', '/caf\u00c3\u00a9', undefined],
    ['/http://other/x', '/http://other/x', undefined],
  ])('keeps origin-form %j as it is', (target, path, query) => {
    expect(parseTarget(target)).toEqual({ kind: 'origin', path, query })
  })

  it.each([
    ['http://h', 'http', 'h', '', undefined],
    ['http://h/', 'http', 'h', '/', undefined],
    ['HTTPS://H:443/A?b', 'https', 'H:443', '/A', 'b'],
    ['http://h?q', 'http', 'h', '', 'q'],
    ['http://h?q/r', 'http', 'h', '', 'q/r'],
    ['http://h//key', 'http', 'h', '//key', undefined],
    ['http://h/a/../%2e%2e/b?x=/y', 'http', 'h', '/a/../%2e%2e/b', 'x=/y'],
    ['http://[::1]:9000/b', 'http', '[::1]:9000', '/b', undefined],
    ['http://user:pw@h/', 'http', 'user:pw@h', '/', undefined],
  ])('keeps path and query of absolute-form %j as they are', (target, scheme, authority, path, query) => {
    expect(parseTarget(target)).toEqual({ kind: 'absolute', scheme, authority, path, query })
  })

  it.each([
    ['S3.amazonaws.com:443', 's3.amazonaws.com', 443],
    ['[::1]:8443', '::1', 8443],
    ['10.0.0.1:443', '10.0.0.1', 443],
  ])('reads authority-form %j', (target, host, port) => {
    expect(parseTarget(target)).toEqual({ kind: 'authority', host, port })
  })

  it('reads asterisk-form', () => {
    expect(parseTarget('*')).toEqual({ kind: 'asterisk' })
  })

  it.each([
    '',
    ' /',
    '/a b',
    '/a\tb',
    '/a\0',
    '/a\r\nHost: x',
    '/a\x7f',
    '/a#b',
    'http://h/a#b',
    '/\u0100',
    '/\ud83d\ude00',
    'http://',
    'http:///path',
    'http://?q',
    'http:/h/path',
    'ftp://h/path',
    'file:///etc/passwd',
    'host',
    'host:',
    'host:99999',
    'a:b@host:443',
    '**',
    '?x',
    '\\host',
  ])('refuses %j', (target) => {
    expect(parseTarget(target).kind).toBe('malformed')
  })

  it('is bounded', () => {
    expect(parseTarget(`/${'a'.repeat(maxTargetLength - 1)}`).kind).toBe('origin')
    expect(parseTarget(`/${'a'.repeat(maxTargetLength)}`).kind).toBe('malformed')
  })

  it('gives back every byte of what it takes', () => {
    const visible = fc.string({ unit: fc.constantFrom(...'/?%2eE.aZ~+&=:@"<>[]\u0080\u00ff'), maxLength: 30 })
    fc.assert(
      fc.property(visible, fc.constantFrom('', 'http://h', 'https://bucket.h:8'), (text, prefix) => {
        const parsed = parseTarget(`${prefix}/${text}`)
        if (parsed.kind !== 'origin' && parsed.kind !== 'absolute') throw new Error(parsed.kind)
        expect(`${prefix}${parsed.path}${parsed.query === undefined ? '' : `?${parsed.query}`}`).toBe(
          `${prefix}/${text}`,
        )
      }),
    )
  })

  it('answers for any string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseTarget(text).kind).toBeTypeOf('string')
        expect(parseTarget(`http://${text}`).kind).toBeTypeOf('string')
      }),
    )
  })
})
