import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import type { HttpRequest } from '@smithy/types'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RawHeaders } from './message.ts'
import { parseQuery } from './query.ts'
import { type Authorization, isSigned, parseAuthorization } from './sigv4.ts'

const accessKeyId = 'AKIAIOSFODNN7EXAMPLE'
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const sessionToken = 'IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaCXVzLWVhc3QtMSJHMEUCIQ=='
const signature = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'
const signingDate = new Date('2013-05-24T00:00:00Z')
const scope = '20130524/us-east-1/s3/aws4_request'

const read = (headers: RawHeaders, query = '') =>
  parseAuthorization({ method: 'GET', target: '/test.txt', headers }, parseQuery(query))
const authorization = (value: string) => read(['Host', 'examplebucket.s3.amazonaws.com', 'Authorization', value])

function signer(service = 's3', token?: string): SignatureV4 {
  return new SignatureV4({
    service,
    region: 'us-east-1',
    sha256: Sha256,
    uriEscapePath: false,
    credentials: { accessKeyId, secretAccessKey, ...(token === undefined ? undefined : { sessionToken: token }) },
  })
}

function request(headers: Record<string, string> = {}, query: Record<string, string> = {}): HttpRequest {
  const hostname = 'examplebucket.s3.amazonaws.com'
  return {
    method: 'GET',
    protocol: 'https:',
    hostname,
    path: '/test.txt',
    query,
    headers: { host: hostname, ...headers },
  }
}

const rawHeaders = (signed: HttpRequest) => Object.entries(signed.headers).flat()
const rawQuery = (signed: HttpRequest) =>
  Object.entries(signed.query ?? {})
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&')

/** What may be logged of it must hold nothing that authorises. */
function expectNoSecret(value: Authorization) {
  const text = JSON.stringify(value, (_key, member) => (member instanceof Set ? [...member] : member))
  for (const secret of [signature, sessionToken, secretAccessKey]) expect(text).not.toContain(secret)
  expect(text).not.toMatch(/[0-9a-f]{64}/)
}

describe('parseAuthorization of requests signed by an SDK', () => {
  it('reads a signed header', async () => {
    const signed = await signer('s3', sessionToken).sign(request({ range: 'bytes=0-9', 'if-match': '"x"' }), {
      signingDate,
    })
    const parsed = read(rawHeaders(signed))
    expect(parsed).toEqual({
      kind: 'header',
      scheme: 'v4',
      accessKeyId,
      scope,
      signedHeaders: new Set([
        'host',
        'if-match',
        'range',
        'x-amz-content-sha256',
        'x-amz-date',
        'x-amz-security-token',
      ]),
    })
    expectNoSecret(parsed)
    for (const name of ['range', 'if-match', 'host', 'x-amz-date']) expect(isSigned(parsed, name)).toBe(true)
    for (const name of ['if-none-match', 'user-agent', 'accept-encoding']) expect(isSigned(parsed, name)).toBe(false)
  })

  it('reads a presigned URL', async () => {
    const options = { signingDate, expiresIn: 86_400 }
    const presigned = await signer('s3', sessionToken).presign(request({ range: 'bytes=0-9' }), options)
    const parsed = read(rawHeaders(presigned), rawQuery(presigned))
    expect(parsed).toEqual({
      kind: 'presigned',
      scheme: 'v4',
      accessKeyId,
      scope,
      signedHeaders: new Set(['host', 'range']),
      signedAt: signingDate.getTime(),
      expiresAt: signingDate.getTime() + 86_400_000,
    })
    expectNoSecret(parsed)
    expect(isSigned(parsed, 'range')).toBe(true)
    expect(isSigned(parsed, 'if-none-match')).toBe(false)
  })

  it('reads a presigned URL whose headers went into the query', async () => {
    const presigned = await signer().presign(request({ 'x-amz-checksum-mode': 'ENABLED' }, { 'x-id': 'GetObject' }), {
      signingDate,
      expiresIn: 60,
    })
    expect(rawQuery(presigned)).toContain('x-amz-checksum-mode=ENABLED')
    expect(read([], rawQuery(presigned))).toMatchObject({ kind: 'presigned', signedHeaders: new Set(['host']) })
  })

  it('reads the signature of an S3 Express session', async () => {
    const signed = await signer('s3express').sign(request({ 'x-amz-s3session-token': sessionToken }), { signingDate })
    const parsed = read(rawHeaders(signed))
    expect(parsed).toMatchObject({ kind: 'header', accessKeyId, scope: '20130524/us-east-1/s3express/aws4_request' })
    expect(isSigned(parsed, 'x-amz-s3session-token')).toBe(true)
    expectNoSecret(parsed)
  })
})

describe('parseAuthorization of other headers', () => {
  const credential = `Credential=${accessKeyId}/${scope}`
  const v4 = (fields: string) => authorization(`AWS4-HMAC-SHA256 ${fields}`)
  const host = new Set(['host'])

  it('takes fields in any order, spacing and case of names', () => {
    const expected = { kind: 'header', scheme: 'v4', accessKeyId, scope, signedHeaders: host }
    expect(v4(`${credential},SignedHeaders=host,Signature=${signature}`)).toEqual(expected)
    expect(v4(`Signature=${signature} , SignedHeaders=Host ,  ${credential}`)).toEqual(expected)
    expect(v4(`${credential}, Future=1, SignedHeaders=host, Signature=${signature}`)).toEqual(expected)
  })

  it('reads SigV4A', () => {
    const value = `AWS4-ECDSA-P256-SHA256 Credential=${accessKeyId}/20130524/s3/aws4_request, SignedHeaders=host;x-amz-region-set, Signature=30450221`
    expect(authorization(value)).toEqual({
      kind: 'header',
      scheme: 'v4a',
      accessKeyId,
      scope: '20130524/s3/aws4_request',
      signedHeaders: new Set(['host', 'x-amz-region-set']),
    })
  })

  it('reads an access key id with slashes, as other stores allow', () => {
    const value = `Credential=team/a/key/${scope}, SignedHeaders=host, Signature=${signature}`
    expect(v4(value)).toMatchObject({ accessKeyId: 'team/a/key', scope })
  })

  it('reads SigV2', () => {
    const parsed = authorization(`AWS ${accessKeyId}:frJIUN8DYpKDtOLCwo//yllqDzg=`)
    expect(parsed).toEqual({ kind: 'header', scheme: 'v2', accessKeyId })
    for (const name of ['host', 'date', 'content-md5', 'content-type', 'x-amz-meta-a']) {
      expect(isSigned(parsed, name)).toBe(true)
    }
    for (const name of ['range', 'if-match', 'user-agent']) expect(isSigned(parsed, name)).toBe(false)
  })

  it('knows anonymous requests, with or without other parameters', () => {
    const parsed = read(['Host', 'a'], 'Expires=1&x-id=GetObject&x-amz-date=1')
    expect(parsed).toEqual({ kind: 'anonymous' })
    expect(isSigned(parsed, 'host')).toBe(true)
    expect(isSigned(parsed, 'range')).toBe(false)
  })

  it('takes every header as signed where the scheme is not known', () => {
    const parsed = authorization('Bearer eyJhbGciOiJIUzI1NiJ9.e30.x')
    expect(parsed).toEqual({ kind: 'other', scheme: 'bearer' })
    expect(isSigned(parsed, 'range')).toBe(true)
    expect(authorization('AWS4-HMAC-SHA512 Credential=x')).toEqual({ kind: 'other', scheme: 'aws4-hmac-sha512' })
  })

  it.each([
    ['an empty value', ''],
    ['a value without a scheme', secretAccessKey],
    ['a scheme that is none', `${secretAccessKey} x`],
    ['a scheme alone', 'AWS4-HMAC-SHA256'],
    ['no fields', 'AWS4-HMAC-SHA256 '],
    ['no signature', `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host`],
    ['an empty signature', `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=`],
    ['no credential', `AWS4-HMAC-SHA256 SignedHeaders=host, Signature=${signature}`],
    ['no signed headers', `AWS4-HMAC-SHA256 ${credential}, Signature=${signature}`],
    ['an empty header name', `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host;, Signature=${signature}`],
    ['a credential twice', `AWS4-HMAC-SHA256 ${credential}, ${credential}, SignedHeaders=host, Signature=${signature}`],
    [
      'signed headers twice',
      `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=a, SignedHeaders=b, Signature=${signature}`,
    ],
    ['a signature twice', `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=a, Signature=a, Signature=${signature}`],
    ['a scope cut short', `AWS4-HMAC-SHA256 Credential=AK/s3/aws4_request, SignedHeaders=host, Signature=${signature}`],
    ['no access key id', `AWS4-HMAC-SHA256 Credential=/${scope}, SignedHeaders=host, Signature=${signature}`],
    [
      'a scope without a date',
      `AWS4-HMAC-SHA256 Credential=AK/today/a/s3/aws4_request, SignedHeaders=host, Signature=${signature}`,
    ],
    [
      'another terminator',
      `AWS4-HMAC-SHA256 Credential=AK/20130524/a/s3/aws5_request, SignedHeaders=host, Signature=${signature}`,
    ],
    [
      'a long access key id',
      `AWS4-HMAC-SHA256 Credential=${'A'.repeat(300)}/${scope}, SignedHeaders=host, Signature=${signature}`,
    ],
    [
      'too many headers',
      `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${Array.from({ length: 300 }, (_, i) => `a${i}`).join(';')}, Signature=${signature}`,
    ],
    [
      'too many fields',
      `AWS4-HMAC-SHA256 ${'a=b,'.repeat(30)}${credential}, SignedHeaders=host, Signature=${signature}`,
    ],
    ['a long value', `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=${'0'.repeat(9000)}`],
    ['SigV2 without a signature', `AWS ${accessKeyId}:`],
    ['SigV2 without a colon', `AWS ${signature}`],
    ['SigV2 without a key id', `AWS :${signature}`],
  ])('refuses %s', (_what, value) => {
    const parsed = authorization(value)
    expect(parsed.kind).toBe('malformed')
    expectNoSecret(parsed)
    expect(isSigned(parsed, 'range')).toBe(true)
  })

  it('refuses two fields, and a field beside a signed query', () => {
    const value = `AWS ${accessKeyId}:x=`
    expect(read(['Authorization', value, 'authorization', value]).kind).toBe('malformed')
    expect(read(['Authorization', value], `AWSAccessKeyId=${accessKeyId}&Signature=x&Expires=1`).kind).toBe('malformed')
    expect(read(['Authorization', value], 'X-Amz-Signature=').kind).toBe('malformed')
  })

  it('answers whatever it is given, and never repeats it', () => {
    const piece = fc.constantFrom(
      'AWS4-HMAC-SHA256',
      'AWS',
      ' ',
      ',',
      '=',
      '/',
      ':',
      ';',
      'Credential',
      'SignedHeaders',
      signature,
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const parsed = authorization(pieces.join(''))
        if (parsed.kind === 'malformed' || parsed.kind === 'other') expectNoSecret(parsed)
      }),
    )
  })
})

describe('parseAuthorization of other queries', () => {
  const v4 = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${accessKeyId}/${scope}`,
    'X-Amz-Date': '20130524T000000Z',
    'X-Amz-Expires': '86400',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': signature,
  }
  const text = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
  const presigned = (fields: Record<string, string>) => read([], text({ ...v4, ...fields }))

  it('reads lower-case names', () => {
    expect(
      read(
        [],
        text(v4)
          .toLowerCase()
          .replace(/aws4-hmac-sha256|akia\w+|20130524t000000z/g, (it) => it.toUpperCase()),
      ),
    ).toEqual(presigned({}))
  })

  it('reads SigV4A', () => {
    expect(
      presigned({
        'X-Amz-Algorithm': 'AWS4-ECDSA-P256-SHA256',
        'X-Amz-Credential': `${accessKeyId}/20130524/s3/aws4_request`,
        'X-Amz-Region-Set': '*',
      }),
    ).toMatchObject({ kind: 'presigned', scheme: 'v4a', accessKeyId, scope: '20130524/s3/aws4_request' })
  })

  it('reads SigV2', () => {
    const query = text({
      AWSAccessKeyId: accessKeyId,
      Expires: '1175139620',
      Signature: 'NpgCjnDzrM+WFzoENXmpNDUsSn8=',
    })
    const parsed = read([], query)
    expect(parsed).toEqual({ kind: 'presigned', scheme: 'v2', accessKeyId, expiresAt: 1_175_139_620_000 })
    expect(isSigned(parsed, 'range')).toBe(false)
    expect(isSigned(parsed, 'content-type')).toBe(true)
  })

  it('knows the names of SigV2 by their case', () => {
    expect(read([], 'awsaccesskeyid=a&signature=b&expires=1')).toEqual({ kind: 'anonymous' })
  })

  it('takes the whole range of expiry', () => {
    expect(presigned({ 'X-Amz-Expires': '0' })).toMatchObject({ expiresAt: signingDate.getTime() })
    expect(presigned({ 'X-Amz-Expires': '604800' })).toMatchObject({ expiresAt: signingDate.getTime() + 604_800_000 })
  })

  it.each([
    [{ 'X-Amz-Algorithm': 'AWS4-HMAC-SHA1' }],
    [{ 'X-Amz-Credential': 'AK' }],
    [{ 'X-Amz-SignedHeaders': '' }],
    [{ 'X-Amz-Signature': '' }],
    [{ 'X-Amz-Expires': '604801' }],
    [{ 'X-Amz-Expires': '-1' }],
    [{ 'X-Amz-Expires': '1e3' }],
    [{ 'X-Amz-Expires': '' }],
    [{ 'X-Amz-Date': '' }],
    [{ 'X-Amz-Date': '2013-05-24T00:00:00Z' }],
    [{ 'X-Amz-Date': '20130230T000000Z' }],
    [{ 'X-Amz-Date': '20130524T240000Z' }],
    [{ 'X-Amz-Date': '20131324T000000Z' }],
    [{ 'x-amz-date': '20130524T000000Z' }],
    [{ Signature: 'x', AWSAccessKeyId: 'a', Expires: '1' }],
  ])('refuses %j', (fields: Record<string, string>) => {
    const parsed = presigned(fields)
    expect(parsed.kind).toBe('malformed')
    expectNoSecret(parsed)
  })

  it.each([
    'X-Amz-Signature=a',
    'X-Amz-Credential=a',
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    'AWSAccessKeyId=a',
    'Signature=a',
    'AWSAccessKeyId=a&Signature=b',
    'AWSAccessKeyId=a&Signature=b&Expires=soon',
    'AWSAccessKeyId=a&Signature=b&Expires=9999999999999999999',
    'AWSAccessKeyId=a&Signature=&Expires=1',
    'AWSAccessKeyId=&Signature=b&Expires=1',
    'AWSAccessKeyId=a&AWSAccessKeyId=a&Signature=b&Expires=1',
  ])('refuses %s', (query) => {
    expect(read([], query).kind).toBe('malformed')
  })
})

describe('an Authorization field much like one read before', () => {
  const parse = (value: string) =>
    parseAuthorization({ method: 'GET', target: '/', headers: ['Authorization', value] }, [])
  const start = 'AWS4-HMAC-SHA256 Credential=AKID/20130524/us-east-1/s3/aws4_request, SignedHeaders=host'

  it.each([
    ['another signature', `${start}, Signature=00`, `${start}, Signature=ff`, true],
    ['no signature', `${start}, Signature=00`, `${start}, Signature=`, false],
    ['more after the signature', `${start}, Signature=00`, `${start}, Signature=00,Signature=11`, false],
    ['a mark within another field', `${start} Signature=00`, `${start} Signature=;range`, false],
    ['another scheme', 'AWS a,Signature=:b', 'AWS a,Signature=:c:d', false],
  ])('%s', (_name, first, second, same) => {
    expect(parse(first) === parse(second)).toBe(same)
  })
})
