import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ClientHello, createClientHelloParser } from './client-hello.ts'
import { captureHello } from './testing.ts'

function parse(bytes: Uint8Array, cuts: readonly number[] = [], maxBytes?: number): ClientHello {
  const parser = createClientHelloParser(maxBytes === undefined ? {} : { maxBytes })
  const places = [...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)
  let outcome: ClientHello = { kind: 'need-more' }
  for (const [index, end] of [...places, bytes.length].entries()) {
    outcome = parser.push(bytes.subarray(index === 0 ? 0 : (places[index - 1] ?? 0), end))
  }
  return outcome
}

const u8 = (value: number): Buffer => Buffer.from([value])
const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
const vector = (width: 1 | 2, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([width === 1 ? u8(body.length) : u16(body.length), body])
}
const extension = (type: number, data: Uint8Array): Buffer => Buffer.concat([u16(type), vector(2, data)])
const nameExtension = (name: string, type = 0): Buffer =>
  extension(0, vector(2, u8(type), vector(2, Buffer.from(name, 'latin1'))))

interface HelloParts {
  readonly session?: Buffer
  readonly suites?: Buffer
  readonly compression?: Buffer
  /** The whole extensions block, or undefined for none at all. */
  readonly extensions?: Buffer | undefined
}

function hello(parts: HelloParts): Buffer {
  const { session = Buffer.alloc(32), suites = u16(0x1301), compression = u8(0), extensions } = parts
  const body = Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32, 7),
    vector(1, session),
    vector(2, suites),
    vector(1, compression),
    extensions === undefined ? Buffer.alloc(0) : vector(2, extensions),
  ])
  return Buffer.concat([Buffer.from([1, body.length >> 16, (body.length >> 8) & 255, body.length & 255]), body])
}

function records(message: Buffer, maxFragment = 16_384): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < message.length; at += maxFragment) {
    parts.push(Buffer.from([22, 3, 1]), vector(2, message.subarray(at, at + maxFragment)))
  }
  return Buffer.concat(parts)
}

const named = (extensions: Buffer): ClientHello => parse(records(hello({ extensions })))

describe('hellos of a real client', () => {
  test.each([
    ['TLS 1.3', { servername: 'bucket.s3.eu-west-1.amazonaws.com' }],
    ['TLS 1.2', { servername: 'bucket.s3.eu-west-1.amazonaws.com', maxVersion: 'TLSv1.2' }],
    ['ALPN', { servername: 'bucket.s3.eu-west-1.amazonaws.com', ALPNProtocols: ['h2', 'http/1.1'] }],
    ['upper case', { servername: 'Bucket.S3.eu-west-1.AMAZONAWS.com' }],
  ] as const)('%s', async (_name, options) => {
    const bytes = await captureHello({
      ...options,
      ...('ALPNProtocols' in options ? { ALPNProtocols: [...options.ALPNProtocols] } : {}),
    } as Parameters<typeof captureHello>[0])
    const expected = { kind: 'server-name', name: 'bucket.s3.eu-west-1.amazonaws.com' }
    expect(parse(bytes)).toEqual(expected)
    expect(
      parse(
        bytes,
        Array.from(bytes, (_, index) => index),
      ),
    ).toEqual(expected)
    for (let length = 0; length < bytes.length; length++) {
      expect(parse(bytes.subarray(0, length))).toEqual({ kind: 'need-more' })
    }
  })

  test('without a server name', async () => {
    expect(parse(await captureHello({}))).toEqual({ kind: 'no-server-name' })
  })
})

describe('hellos of other clients', () => {
  test('grease and unknown extensions are passed over', () => {
    const grease = extension(0x0a0a, Buffer.alloc(0))
    const more = extension(0xfafa, u8(0))
    expect(named(Buffer.concat([grease, nameExtension('a.test'), more]))).toEqual({
      kind: 'server-name',
      name: 'a.test',
    })
  })

  test('post-quantum key shares make hellos that span records', () => {
    const large = extension(51, Buffer.alloc(40_000, 1))
    const bytes = records(hello({ extensions: Buffer.concat([large, nameExtension('pq.test')]) }))
    expect(bytes.length).toBeGreaterThan(40_000)
    expect(parse(bytes)).toEqual({ kind: 'server-name', name: 'pq.test' })
  })

  test('a hello may be cut into records of a single byte', () => {
    const bytes = records(hello({ extensions: nameExtension('tiny.test') }), 1)
    expect(parse(bytes)).toEqual({ kind: 'server-name', name: 'tiny.test' })
  })

  test('an old hello has no extensions at all', () => {
    expect(parse(records(hello({})))).toEqual({ kind: 'no-server-name' })
    expect(named(Buffer.alloc(0))).toEqual({ kind: 'no-server-name' })
  })

  test('bytes after the hello do not matter', () => {
    const bytes = Buffer.concat([
      records(hello({ extensions: nameExtension('a.test') })),
      Buffer.from([23, 3, 3, 0, 1, 0]),
    ])
    expect(parse(bytes)).toEqual({ kind: 'server-name', name: 'a.test' })
  })
})

describe('what is not a hello', () => {
  test.each([
    ['GET / HTTP/1.1\r\n\r\n', 'not-tls'],
    ['SSH-2.0-x', 'not-tls'],
    ['\x80\x2e\x01\x03\x01', 'not-tls'],
    ['\x16GET', 'not-tls'],
    ['\x15\x03\x01\x00\x02\x02\x00', 'not-tls'],
    ['\x16\x03\x01\x00\x00', 'malformed'],
    ['\x16\x03\x01\x40\x01', 'malformed'],
    ['\x16\x03\x03\x00\x04\x02\x00\x00\x00', 'malformed'],
    ['\x16\x03\x01\x00\x01\x01\x17\x03\x03\x00\x01', 'malformed'],
    ['\x16\x03\x01\x00\x01\x01\x16\x02', 'malformed'],
    ['\x16\x03\x01\x00\x04\x01\xff\xff\xff', 'malformed'],
  ])('%j is %s', (text, kind) => {
    expect(parse(Buffer.from(text, 'latin1'))).toMatchObject({ kind })
  })

  test.each(
    Object.entries({
      'no cipher suite': hello({ suites: Buffer.alloc(0) }),
      'half a cipher suite': hello({ suites: u8(1) }),
      'no compression method': hello({ compression: Buffer.alloc(0) }),
      'a long session id': hello({ session: Buffer.alloc(33) }),
      'an extension that is cut off': hello({ extensions: nameExtension('a.test').subarray(0, -1) }),
      'bytes after the extensions': (() => {
        const message = Buffer.concat([hello({ extensions: nameExtension('a.test') }), u8(0)])
        message.writeUIntBE(message.length - 4, 1, 3)
        return message
      })(),
      'two server names': hello({ extensions: Buffer.concat([nameExtension('a.test'), nameExtension('b.test')]) }),
      'a name of another type': hello({ extensions: nameExtension('a.test', 1) }),
      'an empty name list': hello({ extensions: extension(0, vector(2)) }),
      'an empty extension': hello({ extensions: extension(0, Buffer.alloc(0)) }),
    }),
  )('%s', (_name, message) => {
    expect(parse(records(message))).toMatchObject({ kind: 'malformed' })
  })

  test.each([
    '',
    '10.0.0.1',
    '::1',
    'a b',
    'a\0.test',
    'a..b',
    '.a',
    'a.',
    'a:443',
    'b\xfccher.test',
    '-a',
    'a'.repeat(64),
    'a.'.repeat(127),
    '../etc',
  ])('the name %j', (name) => {
    expect(named(nameExtension(name))).toMatchObject({ kind: 'malformed' })
  })
})

describe('a hello without end', () => {
  test('is given up at the limit', () => {
    const bytes = records(hello({ extensions: extension(51, Buffer.alloc(60_000)) }))
    expect(parse(bytes, [], 20_000)).toEqual({ kind: 'malformed', reason: 'the hello is too large' })
  })

  test('is given up at the limit when its records are all overhead', () => {
    const parser = createClientHelloParser({ maxBytes: 6_000 })
    const record = Buffer.from([22, 3, 1, 0, 1, 0])
    parser.push(Buffer.from([22, 3, 1, 0, 4, 1, 0, 10, 0]))
    let outcome: ClientHello = { kind: 'need-more' }
    for (let i = 0; i < 1_000; i++) outcome = parser.push(record)
    expect(outcome).toEqual({ kind: 'malformed', reason: 'the hello is too large' })
  })
})

describe('whatever comes', () => {
  const sample = records(
    hello({
      extensions: Buffer.concat([extension(0x0a0a, u8(1)), nameExtension('bucket.s3.test'), extension(51, u16(9))]),
    }),
    50,
  )

  test('the outcome does not depend on how it is cut', () => {
    const mutated = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
      const bytes = Buffer.from(sample)
      for (const [at, value] of changes) bytes[at] = value
      return bytes
    })
    const input = fc.oneof(mutated, fc.uint8Array({ maxLength: 200 }))
    fc.assert(
      fc.property(input, fc.array(fc.nat(400), { maxLength: 20 }), (bytes, cuts) => {
        expect(parse(bytes, cuts)).toEqual(parse(bytes))
      }),
      { numRuns: 2_000 },
    )
  })

  test('an outcome is final', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
        const parser = createClientHelloParser()
        parser.push(sample)
        for (const chunk of chunks) expect(parser.push(chunk)).toEqual({ kind: 'server-name', name: 'bucket.s3.test' })
      }),
    )
  })

  test('a name that is found is a host name', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (name) => {
        const outcome = named(nameExtension(name))
        if (outcome.kind === 'server-name') expect(outcome.name).toMatch(/^[a-z0-9_][a-z0-9_.-]*$/)
      }),
      { numRuns: 2_000 },
    )
  })
})
