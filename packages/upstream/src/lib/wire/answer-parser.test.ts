import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseByNode, parseByOurs } from './testing.ts'

const parse = (text: string, method = 'GET') => parseByOurs(Buffer.from(text, 'latin1'), method)
const ok = 'HTTP/1.1 200 OK\r\n'

describe('what is accepted', () => {
  for (const [text, method, expected] of [
    [`${ok}Content-Length: 3\r\n\r\nabc`, 'GET', { status: 200, reason: 'OK', body: 'abc' }],
    ['HTTP/1.1 207 \r\nContent-Length: 0\r\n\r\n', 'GET', { status: 207, reason: '', body: '' }],
    ['HTTP/1.1 207\r\nContent-Length: 0\r\n\r\n', 'GET', { status: 207, reason: '', body: '' }],
    ['HTTP/1.1 200 \x01 \x7f\r\nContent-Length: 0\r\n\r\n', 'GET', { reason: '\x01 \x7f' }],
    ['HTTP/1.0 200 OK\r\n\r\nabc', 'GET', { body: 'abc', headers: [] }],
    [
      `${ok}A:b\r\na: \t b c\t \r\nX:\r\nY: \xe9\r\n\r\n`,
      'HEAD',
      { headers: ['A', 'b', 'a', 'b c', 'X', '', 'Y', '\xe9'] },
    ],
    [`${ok}Content-Length: 3\r\n\r\n`, 'HEAD', { body: '' }],
    ['HTTP/1.1 304 N\r\nContent-Length: 3\r\n\r\n', 'GET', { body: '' }],
    ['HTTP/1.1 204 N\r\n\r\n', 'GET', { body: '' }],
    [`${ok}transfer-encoding: Chunked\r\n\r\n3\r\nabc\r\n00\r\n\r\n`, 'GET', { body: 'abc' }],
    [
      `${ok}Transfer-Encoding: chunked\r\n\r\nA;a=b;c="d \\" e";f\r\n0123456789\r\n0;x\r\nT: u\r\n\r\n`,
      'GET',
      { body: '0123456789' },
    ],
    [
      `HTTP/1.1 103 E\r\nLink: a\r\n\r\nHTTP/1.1 100 C\r\n\r\n${ok}Content-Length: 1\r\n\r\nx`,
      'GET',
      { interim: [103, 100], body: 'x' },
    ],
  ] as const) {
    test(JSON.stringify(text), () => {
      expect(parse(text, method)).toMatchObject({ kind: 'answer', consumed: text.length, ...expected })
    })
  }
})

describe('what is refused', () => {
  const chunkedHead = `${ok}Transfer-Encoding: chunked\r\n\r\n`
  for (const text of [
    ' HTTP/1.1 200 OK\r\n\r\n',
    '\r\nHTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.1  200 OK\r\n\r\n',
    'HTTP/1.1 200\tOK\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 099 OK\r\n\r\n',
    'HTTP/1.1 600 OK\r\n\r\n',
    'HTTP/2.0 200 OK\r\n\r\n',
    'HTTP/1.2 200 OK\r\n\r\n',
    'http/1.1 200 OK\r\n\r\n',
    'ICY 200 OK\r\n\r\n',
    'HTTP/1.1 200 O\rK\r\n\r\n',
    'HTTP/1.1 200 O\x00K\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
    `HTTP/1.1 103 E\r\nConnection: close\r\n\r\n${ok}\r\n`,
    `HTTP/1.0 100 C\r\n\r\n${ok}\r\n`,
    `${ok}A: b\n\r\n\r\n`,
    `${ok}A: b\nC: d\r\n\r\n`,
    `${ok}A: b\rC: d\r\n\r\n`,
    `${ok}A: b\r\n c\r\n\r\n`,
    `${ok}A: b\r\n\tc\r\n\r\n`,
    `${ok} A: b\r\n\r\n`,
    `${ok}A : b\r\n\r\n`,
    `${ok}A\r\n\r\n`,
    `${ok}: b\r\n\r\n`,
    `${ok}A(: b\r\n\r\n`,
    `${ok}A\xe9: b\r\n\r\n`,
    `${ok}A: b\x00\r\n\r\n`,
    `${ok}A: b\x7f\r\n\r\n`,
    `${ok}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`,
    `${ok}Content-Length: 3\r\ncontent-length: 4\r\n\r\nabcd`,
    `${ok}Content-Length: 3, 3\r\n\r\nabc`,
    `${ok}Content-Length: +3\r\n\r\nabc`,
    `${ok}Content-Length: -3\r\n\r\nabc`,
    `${ok}Content-Length: 0x3\r\n\r\nabc`,
    `${ok}Content-Length: 3 3\r\n\r\nabc`,
    `${ok}Content-Length:\r\n\r\n`,
    `${ok}Content-Length: 9999999999999999\r\n\r\n`,
    `${ok}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${ok}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`,
    `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    `${ok}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    `${ok}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    `${ok}Transfer-Encoding:\r\n\r\n0\r\n\r\n`,
    'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    `${chunkedHead}\r\n`,
    `${chunkedHead}3 \r\nabc\r\n0\r\n\r\n`,
    `${chunkedHead} 3\r\nabc\r\n0\r\n\r\n`,
    `${chunkedHead}0x3\r\nabc\r\n0\r\n\r\n`,
    `${chunkedHead}-3\r\nabc\r\n0\r\n\r\n`,
    `${chunkedHead}3\nabc\r\n0\r\n\r\n`,
    `${chunkedHead}3\r\nabcd\r\n0\r\n\r\n`,
    `${chunkedHead}3\r\nab\r\n0\r\n\r\n`,
    `${chunkedHead}3\r\nabc\n0\r\n\r\n`,
    `${chunkedHead}3;\r\nabc\r\n0\r\n\r\n`,
    `${chunkedHead}3;a=\r\nabc\r\n0\r\n\r\n`,
    `${chunkedHead}3;a="b\r\nabc\r\n0\r\n\r\n`,
    `${chunkedHead}3;a\nb\r\nabc\r\n0\r\n\r\n`,
    `${chunkedHead}FFFFFFFFFFFFFFFF\r\nabc`,
    `${chunkedHead}3;${'a'.repeat(2_000)}\r\nabc\r\n0\r\n\r\n`,
    `${chunkedHead}${`1;${'a'.repeat(1_000)}\r\nx\r\n`.repeat(17)}0\r\n\r\n`,
    `${chunkedHead}0\r\nA : b\r\n\r\n`,
    `${chunkedHead}0\r\n A: b\r\n\r\n`,
    `${chunkedHead}0\r\nContent-Length: 3\r\n\r\n`,
    `${chunkedHead}0\r\nTransfer-Encoding: chunked\r\n\r\n`,
    `${chunkedHead}0\r\n${'A: b\r\n'.repeat(20_000)}\r\n`,
    `${ok}${'a:\r\n'.repeat(1_001)}\r\n`,
    `${ok}A: ${'b'.repeat(70_000)}\r\n\r\n`,
    `${ok}A: ${'b'.repeat(70_000)}`,
  ]) {
    test(JSON.stringify(text.length > 200 ? `${text.slice(0, 100)}…${text.length}` : text), () => {
      expect(parse(text)).toMatchObject({ kind: 'refused', why: { code: 'BadGateway', reason: 'malformed-answer' } })
      const everywhere = Array.from({ length: Math.min(text.length, 500) }, (_, i) => i)
      expect(parseByOurs(Buffer.from(text, 'latin1'), 'GET', everywhere).kind).toBe('refused')
    })
  }
})

describe('what follows the answer is left alone', () => {
  for (const text of [
    `${ok}Content-Length: 3\r\n\r\nabc`,
    `${ok}Content-Length: 0\r\n\r\n`,
    `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n',
  ]) {
    test(JSON.stringify(text), () => {
      expect(parse(`${text}${ok}\r\n`)).toMatchObject({ kind: 'answer', consumed: text.length })
    })
  }
})

describe('any answer, well-formed or not', () => {
  const line = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        'Content-Length: 3',
        'Transfer-Encoding: chunked',
        'A: b',
        'ETag: "x"',
        'Connection: close',
        'Connection: keep-alive',
      ),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'Content-Length: 5',
        'content-length:3 ',
        'Content-Length: 3, 3',
        'Transfer-Encoding: gzip',
        'A : b',
        ' A: b',
        'A',
        ':',
        'A: \xe9\t',
        'A:',
        'Trailer: T',
        'Upgrade: x',
        'TE: a',
      ),
    },
    {
      weight: 1,
      arbitrary: fc.string({
        unit: fc.constantFrom('A', ':', ' ', '\t', '\r', '\n', '\x00', '\xff', '1'),
        maxLength: 5,
      }),
    },
  )
  const body = fc.constantFrom(
    '',
    'abc',
    'abcde',
    '3\r\nabc\r\n0\r\n\r\n',
    '3;a=b\r\nabc\r\n0\r\nT: u\r\n\r\n',
    '3 \r\nabc\r\n0\r\n\r\n',
    '0\r\n\r\n',
    '03\r\nabc\r\n1\r\nd\r\n000\r\n\r\n',
    'HTTP/1.1 200 OK\r\n\r\n',
  )
  const first = fc.constantFrom(
    'HTTP/1.1 200 OK',
    'HTTP/1.1 200',
    'HTTP/1.1 304 Not Modified',
    'HTTP/1.1 204 No',
    'HTTP/1.0 200 OK',
    'HTTP/1.1 206 P\xe9',
    'HTTP/1.1 103 Early',
    'HTTP/1.1 200 \x01\x7f\x1f',
    'HTTP/1.1 099 X',
  )
  const message = fc
    .tuple(first, fc.array(line, { maxLength: 4 }), body)
    .map(([start, lines, rest]) => `${[start, ...lines].map((each) => `${each}\r\n`).join('')}\r\n${rest}`)
  const edit = fc.record({
    at: fc.nat(120),
    remove: fc.nat(2),
    insert: fc.constantFrom('', '', '\r', '\n', ' ', '\t', ':', '0', ';', '\r\n', '\x00', '\xe9', ','),
  })
  const answer = fc
    .tuple(
      fc.array(message, { minLength: 1, maxLength: 2 }),
      fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(edit, { maxLength: 2 })),
    )
    .map(([messages, edits]) =>
      edits.reduce(
        (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
        messages.join(''),
      ),
    )
  const method = fc.constantFrom('GET', 'GET', 'HEAD', 'DELETE')

  test('means the same to llhttp, if we accept it', async () => {
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(answer, method, async (text, how) => {
        const ours = parse(text, how)
        if (ours.kind !== 'answer') return
        accepted++
        // what follows the answer is not ours to read, and llhttp would
        const theirs = await parseByNode(Buffer.from(text.slice(0, ours.consumed), 'latin1'), how)
        expect(theirs).toEqual({ ...ours, consumed: 0 })
      }),
      { numRuns: 2_000 },
    )
    expect(accepted).toBeGreaterThan(200)
  })

  test('means the same however it is cut', () => {
    fc.assert(
      fc.property(answer, method, fc.array(fc.nat(200), { maxLength: 20 }), (text, how, cuts) => {
        const bytes = Buffer.from(text, 'latin1')
        const whole = parseByOurs(bytes, how)
        const cut = parseByOurs(bytes, how, cuts)
        expect(cut.kind).toBe(whole.kind)
        if (whole.kind === 'answer') expect(cut).toEqual(whole)
      }),
      { numRuns: 3_000 },
    )
  })
})
