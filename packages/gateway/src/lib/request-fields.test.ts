import { describe, expect, it } from 'vitest'
import { readFields } from './request-fields.ts'

describe('the fields of a request', () => {
  it('are found by name in any case, the first of each', () => {
    const names = [
      'Host',
      'Authorization',
      'Cache-Control',
      'Pragma',
      'Origin',
      'X-Amz-Checksum-Mode',
      'Referer',
      'User-Agent',
    ]
    const headers = [...names, ...names].flatMap((name, i) => [i % 2 === 0 ? name : name.toUpperCase(), `${i}`])
    expect(readFields(headers)).toMatchObject({
      hosts: 2,
      authorizations: 2,
      host: '0',
      authorization: '1',
      cacheControl: '2',
      pragma: '3',
      origin: '4',
      checksumMode: '5',
      referer: '6',
      userAgent: '7',
      conditional: false,
      repeated: false,
      customerKey: false,
      unknown: false,
    })
  })

  it.each([
    [['Range', '1'], { range: '1', conditional: false, repeated: false }],
    [['If-Range', '1'], { ifRange: '1', conditional: true, repeated: false }],
    [['if-match', '1', 'If-None-Match', '2'], { conditional: true, repeated: false }],
    [['If-Modified-Since', '1', 'IF-MODIFIED-SINCE', '1'], { conditional: true, repeated: true }],
    [['range', '1', 'Range', '2'], { range: '1', conditional: false, repeated: true }],
    [['If-Unmodified-Since', '1', 'x', 'y'], { conditional: true, repeated: false }],
    [['x-amz-server-side-encryption-customer-key', '1'], { customerKey: true, unknown: false }],
    [['X-Amz-Date', '1', 'x-amz-content-sha256', '2', 'X-Amz-Security-Token', '3'], { unknown: false }],
    [['X-AMZ-Something', '1'], { unknown: true }],
    [['amz-sdk-request', '1', 'x-amzn-trace-id', '2'], { unknown: false }],
  ])('%j', (headers, expected) => {
    expect(readFields(headers)).toMatchObject(expected)
    expect(readFields(headers)).toMatchObject(expected)
  })

  it('are read rightly also after more spellings than are remembered', () => {
    for (let i = 0; i < 3000; i++)
      expect(readFields([`X-Amz-${i}`, '', 'rAnGe', `${i}`])).toMatchObject({ unknown: true, range: `${i}` })
  })
})
