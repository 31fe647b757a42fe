import { type AddressInfo, createServer as createPlainServer } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { answer, createCertificateAuthority, type IssuedCertificate, startFakeOrigin } from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import { createUpstream } from './create-upstream.ts'
import type { UpstreamOptions } from './options.ts'
import { drain, failureOf, requestTo, type Target, uploadTo } from './testing.ts'

const authority = await createCertificateAuthority()
const stranger = await createCertificateAuthority('stranger')
const ca = [authority.caPem]
const forName = await authority.issue({ dnsNames: ['s3.test', '*.s3.test'] })
const ok = answer({ body: 'ok' })

/** A store that is known by name and found by an override. */
function named(host: string, port: number): { readonly target: Target; readonly options: UpstreamOptions } {
  return {
    target: { host, port: 443, url: `https://${host}` },
    options: { endpointOverrides: { [host]: [`127.0.0.1:${port}`] } },
  }
}

async function outcome(tls: IssuedCertificate, host: string, options: UpstreamOptions): Promise<string> {
  await using origin = await startFakeOrigin({ handler: ok, tls })
  const store = named(host, origin.port)
  const upstream = createUpstream({ ...store.options, ...options })
  try {
    for (const draft of [requestTo(store.target), uploadTo(store.target, 'hello')]) {
      const response = await upstream.send(draft)
      await drain(response.body)
    }
    return 'ok'
  } catch (error) {
    expect(origin.requests.length).toBe(0)
    expect(error).toMatchObject({ source: 'upstream', reason: 'tls-failed' })
    const cause = error instanceof Error ? (error.cause as { code?: string }) : {}
    return `${(error as { code: string }).code} ${cause.code}`
  } finally {
    await upstream.close()
  }
}

describe('a certificate', () => {
  test('of a given authority for the name is accepted', async () => {
    expect(await outcome(forName, 's3.test', { ca })).toBe('ok')
    expect(await outcome(forName, 'bucket.s3.test', { ca })).toBe('ok')
  })

  test('of an unknown authority is refused', async () => {
    const unknown = await stranger.issue({ dnsNames: ['s3.test'] })
    expect(await outcome(unknown, 's3.test', { ca })).toMatch(/^UpstreamTlsError /)
    expect(await outcome(forName, 's3.test', {})).toMatch(/^UpstreamTlsError /)
  })

  test('for another name is refused, also behind an override', async () => {
    expect(await outcome(forName, 'other.test', { ca })).toBe('UpstreamTlsError ERR_TLS_CERT_ALTNAME_INVALID')
    expect(await outcome(forName, 'a.b.s3.test', { ca })).toBe('UpstreamTlsError ERR_TLS_CERT_ALTNAME_INVALID')
  })

  test('that has expired is refused', async () => {
    const expired = await authority.issue({ dnsNames: ['s3.test'], notAfter: Date.now() - 1_000 })
    expect(await outcome(expired, 's3.test', { ca })).toBe('UpstreamTlsError CERT_HAS_EXPIRED')
  })

  test('of any kind is accepted by a store that waives validation, and by no other', async () => {
    const unknown = await stranger.issue({ dnsNames: ['elsewhere.test'] })
    const waived = { stores: { 's3.test:443': { validateTls: false } } }
    expect(await outcome(unknown, 's3.test', waived)).toBe('ok')
    expect(await outcome(unknown, 'bucket.s3.test', waived)).toBe('ok')
    expect(await outcome(unknown, 'others3.test', waived)).toMatch(/^UpstreamTlsError /)
    expect(await outcome(unknown, 's3.test', { stores: { 's3.test:8443': { validateTls: false } } })).toMatch(
      /^UpstreamTlsError /,
    )
  })

  test('for an address is checked against the address in the request, wherever it is connected to', async () => {
    const forAddress = await authority.issue({ ips: ['10.9.8.7'] })
    expect(await outcome(forAddress, '10.9.8.7', { ca })).toBe('ok')
    expect(await outcome(forAddress, '10.9.8.6', { ca })).toBe('UpstreamTlsError ERR_TLS_CERT_ALTNAME_INVALID')
    expect(await outcome(await authority.issue({ ips: ['127.0.0.1'] }), '10.9.8.7', { ca })).toBe(
      'UpstreamTlsError ERR_TLS_CERT_ALTNAME_INVALID',
    )
  })
})

test('a store that speaks no TLS is a TLS error, and is not spoken to in plain text', async () => {
  const received: Buffer[] = []
  const server = createPlainServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      received.push(chunk)
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const store = named('s3.test', (server.address() as AddressInfo).port)
  const upstream = createUpstream({ ...store.options, ca })
  expect(await failureOf(upstream.send(requestTo(store.target)))).toMatchObject({ code: 'UpstreamTlsError' })
  expect(Buffer.concat(received).toString('latin1')).not.toContain('GET')
  await upstream.close()
  await new Promise<void>((resolve) => server.close(() => resolve()))
})

describe('the handshake', () => {
  async function startTlsServer(options: { readonly maxVersion?: 'TLSv1.1' | 'TLSv1.2' } = {}) {
    const seen: { name: string | false | null; alpn: string | false | null; resumed: boolean }[] = []
    const server = createServer({
      key: forName.keyPem,
      cert: forName.certPem,
      ALPNProtocols: ['h2', 'http/1.1'],
      ...options,
      ...(options.maxVersion === 'TLSv1.1' ? { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
    })
    server.on('secureConnection', (socket: TLSSocket & { servername?: string | false }) => {
      seen.push({ name: socket.servername ?? null, alpn: socket.alpnProtocol, resumed: socket.isSessionReused() })
      socket.on('error', () => socket.destroy())
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'))
    })
    server.on('tlsClientError', () => undefined)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      port: (server.address() as AddressInfo).port,
      seen,
      [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
    }
  }

  test('names the origin, speaks HTTP/1.1 only, and resumes the session of a former connection', async () => {
    for (const maxVersion of [undefined, 'TLSv1.2'] as const) {
      await using server = await startTlsServer(maxVersion === undefined ? {} : { maxVersion })
      const store = named('bucket.s3.test', server.port)
      const upstream = createUpstream({ ...store.options, ca })
      for (let i = 0; i < 3; i++) await drain((await upstream.send(requestTo(store.target))).body)
      expect(server.seen.map(({ resumed }) => resumed)).toEqual([false, true, true])
      expect(server.seen[0]).toMatchObject({ name: 'bucket.s3.test', alpn: 'http/1.1' })
      await upstream.close()
    }
  })

  test('names no address', async () => {
    await using server = await startTlsServer()
    const store = named('10.1.2.3', server.port)
    const upstream = createUpstream({ ...store.options, stores: { '10.1.2.3': { validateTls: false } } })
    await drain((await upstream.send(requestTo(store.target))).body)
    expect(server.seen.map(({ name }) => name || null)).toEqual([null])
    await upstream.close()
  })

  test('of two origins at one address is never shared', async () => {
    await using server = await startTlsServer()
    const upstream = createUpstream({ endpointOverrides: { '*.s3.test': [`127.0.0.1:${server.port}`] }, ca })
    for (const bucket of ['a', 'b', 'a', 'b']) {
      const target = { host: `${bucket}.s3.test`, port: 443, url: `https://${bucket}.s3.test` }
      await drain((await upstream.send(requestTo(target))).body)
    }
    expect(server.seen.map(({ name, resumed }) => [name, resumed])).toEqual([
      ['a.s3.test', false],
      ['b.s3.test', false],
      ['a.s3.test', true],
      ['b.s3.test', true],
    ])
    await upstream.close()
  })

  test('is refused below TLS 1.2', async () => {
    await using server = await startTlsServer({ maxVersion: 'TLSv1.1' })
    const store = named('s3.test', server.port)
    const upstream = createUpstream({ ...store.options, ca })
    expect(await failureOf(upstream.send(requestTo(store.target)))).toMatchObject({ code: 'UpstreamTlsError' })
    expect(server.seen).toEqual([])
    await upstream.close()
  })
})
