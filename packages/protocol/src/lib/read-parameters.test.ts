import { describe, expect, it } from 'vitest'
import { parseQuery } from './query.ts'
import { parseReadParameters } from './read-parameters.ts'

const read = (query: string) => parseReadParameters(parseQuery(query))
const known = { kind: 'known', checksumMode: false, overrides: [] }

describe('parseReadParameters', () => {
  it.each([
    ['nothing', ''],
    ['the name of the operation, as some SDKs send it', 'x-id=GetObject'],
    [
      'a signature of version 4',
      'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Credential=a&X-Amz-Date=b&X-Amz-Expires=1&X-Amz-Security-Token=c&X-Amz-Signature=d&X-Amz-SignedHeaders=host',
    ],
    ['the same in lower case', 'x-amz-algorithm=a&x-amz-credential=b&x-amz-date=c&x-amz-signedheaders=host'],
    ['a session of S3 Express', 'X-Amz-S3session-Token=a'],
    ['SigV4A', 'X-Amz-Region-Set=*'],
    ['a signature of version 2', 'AWSAccessKeyId=a&Expires=1&Signature=b&x-amz-security-token=c'],
  ])('passes over %s', (_what, query) => {
    expect(read(query)).toEqual(known)
  })

  it('reads version, part and checksum mode', () => {
    expect(read('versionId=3HL4kqtJlcpXroDTDmJ&x-id=GetObject')).toEqual({ ...known, versionId: '3HL4kqtJlcpXroDTDmJ' })
    expect(read('versionId=null')).toEqual({ ...known, versionId: 'null' })
    expect(read('partNumber=2')).toEqual({ ...known, partNumber: '2' })
    expect(read('x-amz-checksum-mode=ENABLED')).toEqual({ ...known, checksumMode: true })
    expect(read('X-Amz-Checksum-Mode=ENABLED')).toEqual({ ...known, checksumMode: true })
  })

  it('reads the fields to override', () => {
    const query =
      'response-content-type=text%2Fplain%3B%20charset%3Dutf-8&response-content-disposition=attachment%3B%20filename%3D%22a.txt%22' +
      '&response-cache-control=no-cache&response-content-language=en&response-content-encoding=gzip&response-expires=0'
    expect(read(query)).toEqual({
      ...known,
      overrides: [
        ['Content-Type', 'text/plain; charset=utf-8'],
        ['Content-Disposition', 'attachment; filename="a.txt"'],
        ['Cache-Control', 'no-cache'],
        ['Content-Language', 'en'],
        ['Content-Encoding', 'gzip'],
        ['Expires', '0'],
      ],
    })
  })

  it.each([
    ['acl', 'acl'],
    ['acl=', 'acl'],
    ['x-id=GetObject&tagging', 'tagging'],
    ['uploadId=a', 'uploadId'],
    ['versionid=a', 'versionid'],
    ['versionId', 'versionId'],
    ['versionId=', 'versionId'],
    ['versionId=a&versionId=b', 'versionId'],
    ['versionId=a&version%49d=b', 'versionId'],
    ['partNumber=', 'partNumber'],
    ['partNumber=1&partNumber=2', 'partNumber'],
    ['x-amz-checksum-mode=enabled', 'x-amz-checksum-mode'],
    ['x-amz-request-payer=requester', 'x-amz-request-payer'],
    ['x-amz-server-side-encryption-customer-key=a', 'x-amz-server-side-encryption-customer-key'],
    ['awsaccesskeyid=a', 'awsaccesskeyid'],
    ['X-Id=GetObject', 'X-Id'],
    ['=a', ''],
    ['cachebuster=1', 'cachebuster'],
    ['Response-Expires=0', 'Response-Expires'],
    ['response-expires', 'response-expires'],
    ['response-expires=', 'response-expires'],
    ['response-expires=0&response-expires=1', 'response-expires'],
    ['response-content-foo=a', 'response-content-foo'],
    ['response-content-type=a%0d%0aSet-Cookie:%20a', 'response-content-type'],
    ['response-content-type=a%00', 'response-content-type'],
    ['response-content-type=a%7f', 'response-content-type'],
    ['response-content-disposition=attachment;filename=%E6%97%A5', 'response-content-disposition'],
    ['response-content-disposition=attachment;+filename=a', 'response-content-disposition'],
  ])('does not know %s', (query, name) => {
    expect(read(query)).toEqual({ kind: 'unknown', name })
  })
})
