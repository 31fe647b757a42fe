import { connect, createServer as createTlsServer } from 'node:tls'
import { ProxyError } from '@s3proxy/protocol'
import { createCertificateAuthority, createManualClock } from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { createDial, type Dial } from './dial.ts'
import type { TunnelReport } from './relay.ts'
import { createSniTunnel, type SniTunnelOptions } from './sni-tunnel.ts'
import { captureHello, listen, readToEnd, settle, socketPair } from './testing.ts'

const noDial: Dial = () => Promise.reject(new Error('dialled'))
const hello = await captureHello({ servername: 'bucket.s3.test' })

/** What the handler makes of `bytes` from a client, and what the client gets. */
async function answerTo(bytes: string | Uint8Array, options: Partial<SniTunnelOptions> = {}) {
  await using pair = await socketPair()
  const report = createSniTunnel({ dial: noDial, ...options })(pair.far)
  const answer = readToEnd(pair.near)
  pair.near.write(bytes)
  return { report: await report, answer: await answer }
}

const alert = (description: number): string => `\x15\x03\x01\x00\x02\x02${String.fromCharCode(description)}`

test('a TLS connection reaches the host it names, untouched', async () => {
  const authority = await createCertificateAuthority()
  const { certPem, keyPem } = await authority.issue({ dnsNames: ['bucket.s3.test'] })
  const store = createTlsServer({ cert: certPem, key: keyPem }, (socket) => {
    socket.on('data', (chunk) => socket.end(`you said ${chunk}`))
  })
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve))
  const address = store.address()
  const storePort = typeof address === 'object' && address !== null ? address.port : 0
  const asked: unknown[] = []
  const dial = createDial({
    locate(host, port) {
      asked.push([host, port])
      return [{ address: '127.0.0.1', port: storePort }]
    },
    connectTimeoutMs: 5_000,
    clock: systemClock,
  })
  const reports: Promise<TunnelReport>[] = []
  const tunnel = createSniTunnel({ dial })
  await using proxy = await listen((socket) => reports.push(tunnel(socket)))
  const client = connect({ port: proxy.port, host: '127.0.0.1', servername: 'bucket.s3.test', ca: authority.caPem })
  client.write('hello')
  expect(await readToEnd(client)).toMatchObject({ text: 'you said hello' })
  expect(client.authorized).toBe(true)
  client.end()
  expect(await reports[0]).toMatchObject({
    kind: 'tunnelled',
    host: 'bucket.s3.test',
    port: 443,
    end: { kind: 'closed' },
  })
  expect(asked).toEqual([['bucket.s3.test', 443]])
  await new Promise<void>((resolve) => store.close(() => resolve()))
})

test('every byte that was read is sent on, in order, once there is a connection', async () => {
  const connected = Promise.withResolvers<Awaited<ReturnType<Dial>>>()
  await using clientSide = await socketPair()
  await using storeSide = await socketPair()
  const report = createSniTunnel({ dial: () => connected.promise })(clientSide.far)
  for (const byte of hello) clientSide.near.write(Buffer.from([byte]))
  await settle()
  clientSide.near.end('and more')
  await settle()
  connected.resolve(storeSide.near)
  expect((await readToEnd(storeSide.far)).text).toBe(`${hello.toString('latin1')}and more`)
  storeSide.far.end()
  expect(await report).toMatchObject({ kind: 'tunnelled', end: { kind: 'closed', bytesUp: hello.length + 8 } })
})

describe('no tunnel is made', () => {
  test('for a host that is refused', async () => {
    const asked: unknown[] = []
    const { report, answer } = await answerTo(hello, {
      port: 8443,
      admit(host, port) {
        asked.push([host, port])
        return { kind: 'refuse', reason: 'not-a-store' }
      },
    })
    expect(report).toEqual({
      kind: 'refused',
      host: 'bucket.s3.test',
      port: 8443,
      code: 'AccessDenied',
      reason: 'not-a-store',
    })
    expect(answer).toEqual({ text: alert(112), how: 'end' })
    expect(asked).toEqual([['bucket.s3.test', 8443]])
  })

  test.each([
    [new ProxyError('AccessDenied', { source: 'proxy', reason: 'destination-not-allowed' }), 49],
    [new ProxyError('BadGateway', { source: 'upstream', reason: 'connect-failed' }), 80],
    [new ProxyError('ServiceUnavailable', { source: 'upstream', reason: 'dns-failed' }), 80],
  ])('when dialling fails with %s', async (error, description) => {
    const { report, answer } = await answerTo(hello, { dial: () => Promise.reject(error) })
    expect(report).toMatchObject({ kind: 'refused', host: 'bucket.s3.test', code: error.code, reason: error.reason })
    expect(answer).toEqual({ text: alert(description), how: 'end' })
  })

  test('without a server name', async () => {
    const { report, answer } = await answerTo(await captureHello({}))
    expect(report).toMatchObject({ kind: 'refused', host: undefined, code: 'InvalidRequest', reason: 'no-server-name' })
    expect(answer.text).toBe(alert(112))
  })

  test('for what is not TLS', async () => {
    const { report, answer } = await answerTo('GET / HTTP/1.1\r\n\r\n')
    expect(report).toMatchObject({ kind: 'refused', reason: 'not-tls' })
    expect(answer.text).toBe('')
  })

  test('for a hello that cannot be read', async () => {
    const { report, answer } = await answerTo(Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0]))
    expect(report).toMatchObject({ kind: 'refused', reason: 'malformed-hello: the first message is no ClientHello' })
    expect(answer.text).toBe(alert(50))
  })

  test('for a hello beyond the limit', async () => {
    const { report } = await answerTo(hello, { maxHelloBytes: 100 })
    expect(report).toMatchObject({ reason: 'malformed-hello: the hello is too large' })
  })

  test('for a client that says too little for too long', async () => {
    const clock = createManualClock()
    await using pair = await socketPair()
    const report = createSniTunnel({ dial: noDial, clock, helloTimeoutMs: 1_000 })(pair.far)
    pair.near.write(hello.subarray(0, 10))
    await settle()
    clock.advance(1_000)
    expect(await report).toMatchObject({ kind: 'refused', code: 'RequestTimeout', reason: 'hello-timeout' })
    expect(clock.pendingTimers).toBe(0)
  })

  test('for a client that leaves', async () => {
    for (const how of ['end', 'resetAndDestroy'] as const) {
      await using pair = await socketPair()
      const report = createSniTunnel({ dial: noDial })(pair.far)
      pair.near.write(hello.subarray(0, 10))
      await settle()
      pair.near[how]()
      expect(await report).toMatchObject({ kind: 'refused', code: 'ClientClosed', reason: 'closed-before-hello' })
    }
  })

  test('once the signal has fired', async () => {
    await using pair = await socketPair()
    const report = createSniTunnel({ dial: noDial, signal: AbortSignal.abort() })(pair.far)
    expect(await report).toMatchObject({ kind: 'refused', reason: 'aborted' })
  })
})

test.each([{ helloTimeoutMs: 0 }, { idleTimeoutMs: Number.NaN }])('%j is refused', (limits) => {
  expect(() => createSniTunnel({ dial: noDial, ...limits })).toThrow(RangeError)
})
