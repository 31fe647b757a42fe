import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AwsChunkedDecoderOptions, createAwsChunkedDecoder, isAwsChunked } from './aws-chunked.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

function decode(pieces: readonly Uint8Array[], options?: AwsChunkedDecoderOptions) {
  const decoder = createAwsChunkedDecoder(options)
  const data = Buffer.concat(pieces.flatMap((piece) => decoder.push(piece)))
  return { data: data.toString('latin1'), result: decoder.end() }
}

/** `pieces` joined and cut anew at every byte. */
function bytewise(text: string): Uint8Array[] {
  return [...bytes(text)].map((byte) => Uint8Array.of(byte))
}

const signature = 'b'.repeat(64)

describe('isAwsChunked', () => {
  it.each([
    [['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'], true],
    [['X-Amz-Content-SHA256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'], true],
    [['x-amz-content-sha256', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'], true],
    [['x-amz-content-sha256', 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD'], true],
    [['Content-Encoding', 'aws-chunked'], true],
    [['content-encoding', 'gzip, AWS-Chunked'], true],
    [['content-encoding', 'gzip', 'content-encoding', 'aws-chunked'], true],
    [['content-encoding', 'gzip'], false],
    [['x-amz-content-sha256', 'UNSIGNED-PAYLOAD'], false],
    [[], false],
  ])('tells %j: %s', (headers, expected) => {
    expect(isAwsChunked(headers)).toBe(expected)
  })
})

describe('createAwsChunkedDecoder', () => {
  it.each([
    [
      'signed chunks',
      `5;chunk-signature=${signature}\r\nhello\r\n6;chunk-signature=${signature}\r\n world\r\n0;chunk-signature=${signature}\r\n\r\n`,
      'hello world',
      [],
    ],
    [
      'signed chunks with a signed trailer',
      `5;chunk-signature=${signature}\r\nhello\r\n0;chunk-signature=${signature}\r\nx-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:${signature}\r\n\r\n`,
      'hello',
      ['x-amz-checksum-crc32c', 'sOO8/Q=='],
    ],
    [
      'unsigned chunks with a trailer, as botocore sends them',
      '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n',
      'hello',
      ['x-amz-checksum-crc32', 'NhCmhg=='],
    ],
    [
      'a trailer ended by a bare LF and one line end too many, as minio-go sends it',
      '5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:mnG7TA==\n\r\n\r\n',
      'hello',
      ['x-amz-checksum-crc32c', 'mnG7TA=='],
    ],
    ['an empty body', `0;chunk-signature=${signature}\r\n\r\n`, '', []],
    [
      'an empty body with a trailer',
      '0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
      '',
      ['x-amz-checksum-crc32', 'AAAAAA=='],
    ],
    ['a value with spaces around and a colon inside', '0\r\nA: b:c \t\r\n\r\n', '', ['A', 'b:c']],
    ['data that looks like framing', '7\r\n0\r\n\r\n5\r\r\n0\r\n\r\n', '0\r\n\r\n5\r', []],
    ['upper-case sizes and leading zeros', `0000A\r\n0123456789\r\n0\r\n\r\n`, '0123456789', []],
    ['a v4a signature, padded', `1;chunk-signature=${signature}${'*'.repeat(80)}\r\nx\r\n0\r\n\r\n`, 'x', []],
  ])('decodes %s', (_what, body, data, trailers) => {
    const expected = { data, result: { kind: 'complete', decodedBytes: data.length, trailers } }
    expect(decode([bytes(body)])).toEqual(expected)
    expect(decode(bytewise(body))).toEqual(expected)
  })

  it.each([
    ['nothing', '', 'truncated'],
    ['no last chunk', '5\r\nhello\r\n', 'truncated'],
    ['a chunk cut short', '5\r\nhel', 'truncated'],
    ['no empty line at the end', '5\r\nhello\r\n0\r\n', 'truncated'],
    ['a plain body', 'hello world\r\n', 'bad-chunk-size'],
    ['no size', ';chunk-signature=x\r\n', 'bad-chunk-size'],
    ['a negative size', '-5\r\nhello\r\n', 'bad-chunk-size'],
    ['a size with a prefix', '0x5\r\nhello\r\n', 'bad-chunk-size'],
    ['a space after the size', '5 \r\nhello\r\n', 'bad-chunk-size'],
    ['a bare LF after the size', '5\nhello\r\n', 'bad-chunk-size'],
    ['a control character in the extension', '5;a\u0000\r\nhello\r\n', 'bad-chunk-size'],
    ['more data than announced', '5\r\nhello!\r\n0\r\n\r\n', 'bad-chunk-end'],
    ['CR without LF after a chunk', '5\r\nhello\r0\r\n\r\n', 'bad-chunk-end'],
    ['a size beyond 2^53', '20000000000001\r\n', 'size-overflow'],
    ['a size beyond 2^64', 'fffffffffffffffff\r\n', 'size-overflow'],
    ['a size beyond any number', `${'f'.repeat(1000)}\r\n`, 'size-overflow'],
    ['a line without end', '5'.repeat(2000), 'line-too-long'],
    ['a long extension', `5;${'a'.repeat(1100)}\r\n`, 'line-too-long'],
    ['a trailer without a colon', '0\r\nabc\r\n\r\n', 'bad-trailer'],
    ['a trailer without a name', '0\r\n:abc\r\n\r\n', 'bad-trailer'],
    ['a name with a space', '0\r\na b: c\r\n\r\n', 'bad-trailer'],
    ['many trailers', `0\r\n${'abcdefg:h\r\n'.repeat(1000)}\r\n`, 'trailers-too-large'],
    ['a long trailer', `0\r\na:${'b'.repeat(10_000)}`, 'trailers-too-large'],
    ['another body behind', '0\r\n\r\nGET / HTTP/1.1', 'bytes-after-end'],
  ])('refuses %s', (_what, body, fault) => {
    expect(decode([bytes(body)]).result).toMatchObject({ kind: 'broken', fault })
    expect(decode(bytewise(body)).result).toMatchObject({ kind: 'broken', fault })
  })

  it('gives nothing any more after a fault', () => {
    const decoder = createAwsChunkedDecoder()
    expect(decoder.push(bytes('2\r\nab'))).toHaveLength(1)
    expect(decoder.push(bytes('!!'))).toEqual([])
    expect(decoder.push(bytes('1\r\nx\r\n0\r\n\r\n'))).toEqual([])
    expect(decoder.end()).toEqual({ kind: 'broken', fault: 'bad-chunk-end', decodedBytes: 2 })
  })

  it('takes limits exactly', () => {
    const line = `1;${'a'.repeat(10)}`
    const body = `${line}\r\nx\r\n0\r\n\r\n`
    expect(decode([bytes(body)], { maxLineBytes: line.length }).result.kind).toBe('complete')
    expect(decode([bytes(body)], { maxLineBytes: line.length - 1 }).result.kind).toBe('broken')
    const trailers = 'a:b\r\nc:d\r\n'
    expect(decode([bytes(`0\r\n${trailers}\r\n`)], { maxTrailerBytes: trailers.length }).result.kind).toBe('complete')
    expect(decode([bytes(`0\r\n${trailers}\r\n`)], { maxTrailerBytes: 8 }).result.kind).toBe('broken')
  })

  it('hands out views, not copies', () => {
    const body = bytes('5\r\nhello\r\n0\r\n\r\n')
    const [data] = createAwsChunkedDecoder().push(body)
    expect(data?.buffer).toBe(body.buffer)
  })

  const framed = fc.record({
    chunks: fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 }),
    signed: fc.boolean(),
    trailers: fc.array(fc.stringMatching(/^[A-Za-z0-9+/=]{0,20}$/), { maxLength: 3 }),
    cuts: fc.array(fc.nat(), { maxLength: 20 }),
  })

  it('gives back any data, however it was cut into chunks and pieces', () => {
    fc.assert(
      fc.property(framed, ({ chunks, signed, trailers, cuts }) => {
        const extension = signed ? `;chunk-signature=${signature}` : ''
        const body = Buffer.concat([
          ...chunks.flatMap((chunk) => [bytes(`${chunk.length.toString(16)}${extension}\r\n`), chunk, bytes('\r\n')]),
          bytes(`0${extension}\r\n${trailers.map((value, i) => `t-${i}:${value}\r\n`).join('')}\r\n`),
        ])
        const { data, result } = decode(cut(body, cuts))
        expect(data).toBe(Buffer.concat(chunks).toString('latin1'))
        expect(result).toEqual({
          kind: 'complete',
          decodedBytes: data.length,
          trailers: trailers.flatMap((value, i) => [`t-${i}`, value]),
        })
      }),
    )
  })

  it('answers the same for any bytes, however they are cut', () => {
    const alphabet = fc.constantFrom('0', '1', '5', 'a', ';', ':', '\r', '\n', '\r\n', 'x', '\r\n\r\n')
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 20 }), (parts, cuts) => {
        const body = bytes(parts.join(''))
        const whole = decode([body]).result
        const split = decode(cut(body, cuts)).result
        expect(split.kind).toBe(whole.kind)
        if (split.kind === 'broken' && whole.kind === 'broken') expect(split.fault).toBe(whole.fault)
        else expect(split).toEqual(whole)
      }),
      { numRuns: 500 },
    )
  })
})

function cut(body: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((n) => n % (body.length + 1)), body.length].sort((a, b) => a - b)
  return places.slice(1).map((place, i) => body.subarray(places[i], place))
}
