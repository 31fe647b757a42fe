import { ProxyError } from '@s3proxy/protocol'
import { createManualClock } from '@s3proxy/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createConnectTunnel, parseConnectTarget } from './connect.ts'
import type { Dial } from './dial.ts'
import type { RelayOptions } from './relay.ts'
import { readToEnd, settle, socketPair } from './testing.ts'

describe('a target', () => {
  test.each([
    ['s3.eu-west-1.amazonaws.com:443', 's3.eu-west-1.amazonaws.com', 443],
    ['Bucket_1.S3.Test:8443', 'bucket_1.s3.test', 8443],
    ['10.0.0.1:1', '10.0.0.1', 1],
    ['[FD00::1]:65535', 'fd00::1', 65_535],
    ['s3.test.:443', 's3.test.', 443],
  ])('%s', (target, host, port) => {
    expect(parseConnectTarget(target)).toEqual({ kind: 'authority', host, port })
  })

  test.each([
    '',
    's3.test',
    's3.test:',
    ':443',
    's3.test:0',
    's3.test:65536',
    's3.test:443443',
    's3.test:+1',
    'http://s3.test:443',
    's3.test:443/',
    'user@s3.test:443',
    'fd00::1:443',
    '[fd00::1]',
    '[10.0.0.1]:443',
    '[::::]:443',
    '10.0.0.256:443',
    '010.0.0.1:443',
    '1:443',
    'a..b:443',
    '-a:443',
    `${'a'.repeat(64)}:443`,
    'a b:443',
    'a\r\n:443',
    '\u0130.test:443',
  ])('%j is malformed', (target) => {
    expect(parseConnectTarget(target)).toMatchObject({ kind: 'malformed' })
  })

  test('of any text is read or refused', () => {
    fc.assert(
      fc.property(fc.string(), (target) => {
        expect(['authority', 'malformed']).toContain(parseConnectTarget(target).kind)
      }),
    )
  })
})

const unused: Dial = () => Promise.reject(new Error('dialled'))

async function start(target: string, head: string, options: Partial<RelayOptions>) {
  const pair = await socketPair()
  const tunnel = createConnectTunnel({ dial: unused, ...options })
  return { pair, report: tunnel(pair.far, target, Buffer.from(head)) }
}

test('200 is sent once the destination has been connected to, and not before', async () => {
  const connected = Promise.withResolvers<Awaited<ReturnType<Dial>>>()
  const asked: unknown[] = []
  await using store = await socketPair()
  const { pair, report } = await start('S3.test:443', 'early', {
    dial: (host, port) => {
      asked.push([host, port])
      return connected.promise
    },
  })
  const received: Buffer[] = []
  pair.near.on('data', (chunk) => received.push(chunk))
  await settle()
  expect([asked, received]).toEqual([[['s3.test', 443]], []])
  connected.resolve(store.near)
  pair.near.end(' and late')
  expect((await readToEnd(store.far)).text).toBe('early and late')
  store.far.end('answer')
  await new Promise((resolve) => pair.near.once('end', resolve))
  expect(Buffer.concat(received).toString()).toBe('HTTP/1.1 200 Connection established\r\n\r\nanswer')
  expect(await report).toEqual({
    kind: 'tunnelled',
    host: 's3.test',
    port: 443,
    end: { kind: 'closed', bytesUp: 14, bytesDown: 6 },
  })
  await pair[Symbol.asyncDispose]()
})

describe('no tunnel is made', () => {
  async function refused(target: string, options: Partial<RelayOptions>) {
    const { pair, report } = await start(target, '', options)
    const answer = await readToEnd(pair.near)
    await pair[Symbol.asyncDispose]()
    return { report: await report, text: answer.text, how: answer.how }
  }

  test('to a target that is malformed', async () => {
    const { report, text } = await refused('s3.test', {})
    expect(text).toMatch(
      /^HTTP\/1\.1 400 InvalidRequest\r\n[\s\S]*\r\n\r\nBad CONNECT target: the target is not host:port\.\n$/,
    )
    expect(report).toMatchObject({ kind: 'refused', host: undefined, code: 'InvalidRequest' })
  })

  test('to a host that is refused', async () => {
    const admit: RelayOptions['admit'] = (host, port) => ({ kind: 'refuse', reason: `${host}-${port}` })
    const { report, text } = await refused('s3.test:22', { admit })
    expect(text).toMatch(/^HTTP\/1\.1 403 AccessDenied\r\n/)
    expect(report).toMatchObject({ kind: 'refused', host: 's3.test', port: 22, reason: 's3.test-22' })
  })

  test.each([
    ['AccessDenied', 403],
    ['BadGateway', 502],
    ['ServiceUnavailable', 503],
    ['GatewayTimeout', 504],
  ] as const)('when dialling fails with %s', async (code, status) => {
    const error = new ProxyError(code, { source: 'upstream', reason: 'why' })
    const { report, text, how } = await refused('s3.test:443', { dial: () => Promise.reject(error) })
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} ${code}\r\n`))
    expect(text).toContain('\r\nConnection: close\r\n')
    expect(how).toBe('end')
    expect(report).toMatchObject({ kind: 'refused', host: 's3.test', code, reason: 'why' })
  })

  test('for a client that leaves meanwhile', async () => {
    const { pair, report } = await start('s3.test:443', '', {
      dial: (_host, _port, signal) =>
        new Promise((_resolve, reject) => {
          const fail = (): void => reject(new ProxyError('ClientClosed', { source: 'client' }))
          signal.addEventListener('abort', fail)
        }),
    })
    pair.far.resume()
    await settle()
    pair.near.resetAndDestroy()
    expect(await report).toMatchObject({ kind: 'refused', code: 'ClientClosed' })
    await pair[Symbol.asyncDispose]()
  })
})

test('an idle tunnel ends', async () => {
  const clock = createManualClock()
  await using store = await socketPair()
  const { pair, report } = await start('s3.test:443', '', {
    dial: () => Promise.resolve(store.near),
    clock,
    idleTimeoutMs: 1_000,
  })
  await new Promise((resolve) => pair.near.once('data', resolve))
  clock.advance(1_000)
  expect(await report).toMatchObject({ kind: 'tunnelled', end: { kind: 'idle-timeout' } })
  expect(clock.pendingTimers).toBe(0)
  await pair[Symbol.asyncDispose]()
})
