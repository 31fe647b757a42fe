import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Listening } from '../../listeners.ts'
import { converse, createProbe, openLane } from '../lane-probe.ts'
import { createNodeLane } from '../node-lane.ts'
import { createFastLane } from './fast-lane.ts'

const marker = 'GET /marker HTTP/1.1\r\nHost: m\r\n\r\n'
const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`
const inner = head('GET /smuggled HTTP/1.1', 'Host: h')

/** Requests whose end, number or host two readers could see differently; what follows each is a request of its own, or not. */
const corpus: readonly (readonly [name: string, bytes: string])[] = [
  ['nothing odd', head('GET /a HTTP/1.1', 'Host: h')],
  ['two at once', head('GET /a HTTP/1.1', 'Host: h') + head('HEAD /b HTTP/1.1', 'Host: h')],
  [
    'a length and a chunked body',
    `${head('GET /a HTTP/1.1', 'Host: h', 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n${inner}`,
  ],
  [
    'a chunked body and a length',
    head('GET /a HTTP/1.1', 'Host: h', 'Transfer-Encoding: chunked', `Content-Length: ${inner.length}`) +
      `0\r\n\r\n${inner}`,
  ],
  ['a chunked body', `${head('GET /a HTTP/1.1', 'Host: h', 'Transfer-Encoding: chunked')}5\r\nabcde\r\n0\r\n\r\n`],
  [
    'a coding with a space before the colon',
    `${head('GET /a HTTP/1.1', 'Host: h', 'Transfer-Encoding : chunked')}0\r\n\r\n${inner}`,
  ],
  ['a coding after a tab', `${head('GET /a HTTP/1.1', 'Host: h', 'Transfer-Encoding:\tchunked')}0\r\n\r\n`],
  ['an unknown coding', head('GET /a HTTP/1.1', 'Host: h', 'Transfer-Encoding: xchunked') + inner],
  ['a coding and identity', `${head('GET /a HTTP/1.1', 'Host: h', 'Transfer-Encoding: chunked, identity')}0\r\n\r\n`],
  ['a length that hides a request', head('GET /a HTTP/1.1', 'Host: h', `Content-Length: ${inner.length}`) + inner],
  ['a length of zero before a request', head('GET /a HTTP/1.1', 'Host: h', 'Content-Length: 0') + inner],
  [
    'two lengths that differ',
    head('GET /a HTTP/1.1', 'Host: h', 'Content-Length: 0', `Content-Length: ${inner.length}`) + inner,
  ],
  ['two lengths that agree', head('GET /a HTTP/1.1', 'Host: h', 'Content-Length: 0', 'Content-Length: 0') + inner],
  ['a list of lengths', head('GET /a HTTP/1.1', 'Host: h', `Content-Length: 0, ${inner.length}`) + inner],
  ['a length with a sign', head('GET /a HTTP/1.1', 'Host: h', 'Content-Length: +0') + inner],
  ['a length in hexadecimal', head('GET /a HTTP/1.1', 'Host: h', 'Content-Length: 0x0') + inner],
  ['a length beyond all bounds', head('GET /a HTTP/1.1', 'Host: h', 'Content-Length: 99999999999999999999') + inner],
  ['a length without a value', head('GET /a HTTP/1.1', 'Host: h', 'Content-Length:') + inner],
  ['a folded length', head('GET /a HTTP/1.1', 'Host: h', 'Content-Length:', ` ${inner.length}`) + inner],
  ['a folded field', head('GET /a HTTP/1.1', 'Host: h', 'X: 1', '\tContent-Length: 5')],
  ['a fold before the first field', head('GET /a HTTP/1.1', ' Host: h', 'Host: h')],
  ['a bare LF after a field', `GET /a HTTP/1.1\r\nHost: h\r\nX: 1\nContent-Length: ${inner.length}\r\n\r\n${inner}`],
  ['a bare LF for an end', `GET /a HTTP/1.1\r\nHost: h\n\n${inner}`],
  ['a bare CR in a field', `GET /a HTTP/1.1\r\nHost: h\r\nX: 1\rContent-Length: ${inner.length}\r\n\r\n${inner}`],
  ['CR CR LF', `GET /a HTTP/1.1\r\r\nHost: h\r\n\r\n${inner}`],
  ['empty lines before', `\r\n\r\n${head('GET /a HTTP/1.1', 'Host: h')}`],
  ['a NUL in a value', head('GET /a HTTP/1.1', 'Host: h', 'X: a\0b')],
  ['a NUL in a name', head('GET /a HTTP/1.1', 'Host: h', 'Content-Length\0: 5')],
  ['8-bit bytes in a value', head('GET /a HTTP/1.1', 'Host: h', 'X: \xe9\xff')],
  ['8-bit bytes in a target', head('GET /\xe9 HTTP/1.1', 'Host: h')],
  ['two hosts', head('GET /a HTTP/1.1', 'Host: h', 'Host: i')],
  ['no host', head('GET /a HTTP/1.1', 'X: h')],
  ['a host with a path', head('GET /a HTTP/1.1', 'Host: h/x')],
  ['a URL of the same host', head('GET http://h/a HTTP/1.1', 'Host: h')],
  ['a URL of another host', head('GET http://i/a HTTP/1.1', 'Host: h')],
  ['a URL with the host as a prefix', head('GET http://hi/a HTTP/1.1', 'Host: h')],
  ['a URL with a user', head('GET http://h@i/a HTTP/1.1', 'Host: h')],
  ['a URL of another scheme', head('GET https://h/a HTTP/1.1', 'Host: h')],
  ['HTTP/1.0 that is kept alive', head('GET /a HTTP/1.0', 'Host: h', 'Connection: keep-alive')],
  ['HTTP/0.9', 'GET /a\r\n\r\n'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['an upgrade', head('GET /a HTTP/1.1', 'Host: h', 'Connection: Upgrade', 'Upgrade: h2c')],
  ['a connection that names the host', head('GET /a HTTP/1.1', 'Host: h', 'Connection: host')],
  ['an expectation', head('GET /a HTTP/1.1', 'Host: h', 'Expect: 100-continue')],
  ['another method', `${head('PUT /a HTTP/1.1', 'Host: h', 'Content-Length: 3')}abc`],
  [
    'a good one and then another method',
    `${head('GET /a HTTP/1.1', 'Host: h')}${head('DELETE /b HTTP/1.1', 'Host: h')}`,
  ],
  ['a good one and then rubbish', `${head('GET /a HTTP/1.1', 'Host: h')}\x16\x03\x01 rubbish\r\n\r\n`],
  ['a good one and then half of one', `${head('GET /a HTTP/1.1', 'Host: h')}GET /b HT\r\n\r\n`],
  ['a target with a space', head('GET /a b HTTP/1.1', 'Host: h')],
  ['a target with a tab', head('GET /a\tHTTP/1.1', 'Host: h')],
  ['a space at the end of a line', head('GET /a HTTP/1.1 ', 'Host: h')],
  ['an endless head', head('GET /a HTTP/1.1', 'Host: h', `X: ${'x'.repeat(70_000)}`)],
  [
    'endless fields',
    head('GET /a HTTP/1.1', 'Host: h', ...Array.from({ length: 2000 }, (_, i) => `X${i}: ${'y'.repeat(40)}`)),
  ],
]

/** Both lanes over gateways that note what reaches them. */
const probes = { fast: createProbe(), node: createProbe() }
let fast: Listening
let node: Listening

beforeAll(async () => {
  fast = await openLane(createFastLane({ gateway: probes.fast }))
  node = await openLane(createNodeLane({ gateway: probes.node }))
})
afterAll(() => Promise.all([fast.drain(0), node.drain(0)]))

async function ask(kind: 'fast' | 'node', parts: readonly string[]) {
  const { seen } = probes[kind]
  seen.length = 0
  const answers = await converse(kind === 'fast' ? fast.port : node.port, parts)
  return { seen: [...seen], answers }
}

describe('a connection never gets out of step: both lanes see the same requests and say the same', () => {
  it.each(corpus)('%s', async (_name, bytes) => {
    const expected = await ask('node', [bytes, marker])
    expect(await ask('fast', [bytes, marker])).toEqual(expected)
    expect(await ask('fast', [bytes + marker])).toEqual(expected)
  })

  it('wherever the bytes are cut', async () => {
    for (const [name, bytes] of corpus) {
      const all = bytes + marker
      if (all.length > 400) continue
      const expected = await ask('node', [all])
      for (let cut = 1; cut < all.length; cut += all.length < 90 ? 1 : 7) {
        expect(await ask('fast', [all.slice(0, cut), all.slice(cut)]), `${name}, cut at ${cut}`).toEqual(expected)
      }
    }
  })
})
