import { createSocket } from 'node:dgram'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { headerValue } from '@s3proxy/protocol'
import {
  answer,
  connectHttp,
  createCertificateAuthority,
  createTempDir,
  dieMidBody,
  freePort,
  garbage,
  type HttpAnswer,
  hangUp,
  requestOnce,
  silence,
  startFakeOrigin,
} from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import { type ConfigObject, runProxy, startProxy } from './harness/start-proxy.ts'

// What a client gets when something behind the proxy, or the request itself, is at fault: an S3 error it can read, or
// a broken connection; never a wrong object.

const host = 'store.test:9000'

/** A proxy's configuration for one store at `port`. */
function inFrontOf(port: number, over: ConfigObject = {}): ConfigObject {
  const { store = {}, ...upstream } = over as { readonly store?: ConfigObject }
  const stores = { [host]: { scheme: 'http', endpoint: `127.0.0.1:${port}`, ...store } }
  return { cache: { authorization: 'network' }, upstream: { stores, ...upstream } }
}

const get = (port: number, target = '/bucket/key', authority = host): Promise<HttpAnswer> =>
  requestOnce({ port }, { method: 'GET', target, headers: ['Host', authority] })

/** Code and request id of an S3 error; the id must be the header's too. */
function s3Error(got: HttpAnswer): { readonly status: number; readonly code: string | undefined } {
  const body = got.body.toString()
  expect(headerValue(got.headers, 'content-type')).toBe('application/xml')
  expect(got.end.kind).toBe('complete')
  const id = /<RequestId>([^<]+)<\/RequestId>/.exec(body)?.[1]
  expect(id).toBeTruthy()
  expect(headerValue(got.headers, 'x-amz-request-id')).toBe(id)
  return { status: got.status, code: /<Code>([^<]+)<\/Code>/.exec(body)?.[1] }
}

describe('the store is at fault', () => {
  test('it is down', async () => {
    await using proxy = await startProxy(inFrontOf(await freePort()))
    const got = await get(proxy.port)
    expect(s3Error(got)).toEqual({ status: 502, code: 'BadGateway' })
  })

  test('its name cannot be resolved', async () => {
    await using proxy = await startProxy({ upstream: { dns: { servers: [`127.0.0.1:${await freeUdpPort()}`] } } })
    const got = await get(proxy.port, '/key', 'bucket.s3.eu-west-1.amazonaws.com')
    expect(s3Error(got)).toEqual({ status: 503, code: 'ServiceUnavailable' })
  })

  test('its certificate is not trusted', async () => {
    const authority = await createCertificateAuthority()
    const tls = await authority.issue({ dnsNames: ['store.test'], ips: ['127.0.0.1'] })
    await using origin = await startFakeOrigin({ tls, handler: answer({ body: 'object' }) })
    await using dir = await createTempDir()
    const caFile = join(dir.path, 'ca.pem')
    await writeFile(caFile, authority.caPem)

    await using strict = await startProxy(inFrontOf(origin.port, { store: { scheme: 'https' } }))
    expect(s3Error(await get(strict.port))).toEqual({ status: 502, code: 'UpstreamTlsError' })
    expect(origin.requests).toEqual([])
    await using trusting = await startProxy(inFrontOf(origin.port, { store: { scheme: 'https' }, ca_file: caFile }))
    expect((await get(trusting.port)).body.toString()).toBe('object')
    const blind = { store: { scheme: 'https', validate_tls: false } }
    await using careless = await startProxy(inFrontOf(origin.port, blind))
    expect((await get(careless.port)).body.toString()).toBe('object')
  })

  test('it does not answer in time', async () => {
    await using origin = await startFakeOrigin({ handler: silence() })
    // What a connection may take is not waited for on top: the test's time limit is less.
    const timeouts = { first_byte: '200ms', connect: '1h' }
    await using proxy = await startProxy(inFrontOf(origin.port, { timeouts }))
    expect(s3Error(await get(proxy.port))).toEqual({ status: 504, code: 'GatewayTimeout' })
  })

  test.each([
    ['something that is not HTTP', garbage('SSH-2.0-OpenSSH_9.9\r\n\r\n')],
    ['nothing but a closed connection', hangUp('end')],
    ['nothing but a broken connection', hangUp('reset')],
  ])('it answers with %s', async (_what, handler) => {
    await using origin = await startFakeOrigin({ handler })
    await using proxy = await startProxy(inFrontOf(origin.port))
    expect(s3Error(await get(proxy.port))).toEqual({ status: 502, code: 'BadGateway' })
  })

  test.each(['end', 'reset'] as const)(
    'it dies (%s) in the middle of an object: so does the answer, and the next is whole',
    async (how) => {
      const body = 'whole object '.repeat(100_000)
      const object = { headers: ['ETag', '"e"', 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'], body }
      await using origin = await startFakeOrigin({ handler: answer(object) })
      origin.script(dieMidBody(object, 600_000, how))
      await using proxy = await startProxy(inFrontOf(origin.port))

      const first = await get(proxy.port)
      expect(first.status).toBe(200)
      expect(first.end.kind).toMatch(/truncated|reset/)
      expect(first.body.equals(Buffer.from(body.slice(0, first.bodyBytes)))).toBe(true)
      for (const _ of ['second', 'third']) {
        const next = await get(proxy.port)
        expect(next.end.kind).toBe('complete')
        expect(next.body.toString() === body).toBe(true)
      }
    },
  )

  test('after it is back, requests succeed', async () => {
    await using origin = await startFakeOrigin({ handler: answer({ body: 'object' }) })
    origin.script(hangUp(), hangUp(), hangUp(), hangUp())
    await using proxy = await startProxy(inFrontOf(origin.port))
    await get(proxy.port)
    origin.script()
    let got = await get(proxy.port)
    for (let tries = 0; got.status !== 200 && tries < 4; tries++) got = await get(proxy.port)
    expect(got.body.toString()).toBe('object')
  })
})

describe('the request is at fault', () => {
  test.each([
    ['no Host', 'GET /bucket/key HTTP/1.1\r\n\r\n'],
    ['two Hosts', 'GET /bucket/key HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['a header without a name', `GET /bucket/key HTTP/1.1\r\nHost: ${host}\r\n: x\r\n\r\n`],
    ['a control character in a header', `GET /bucket/key HTTP/1.1\r\nHost: ${host}\r\nX: a\x00b\r\n\r\n`],
    ['a request line that is none', 'HELLO\r\n\r\n'],
    ['two lengths', `PUT /bucket/key HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    [
      'both a length and chunks',
      `PUT /bucket/key HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'a header section that is too large',
      `GET /bucket/key HTTP/1.1\r\nHost: ${host}\r\nX: ${'x'.repeat(300_000)}\r\n\r\n`,
    ],
  ])('%s: 400, as XML, and the connection closes', async (_what, bytes) => {
    await using origin = await startFakeOrigin({ handler: answer({ body: 'object' }) })
    await using proxy = await startProxy(inFrontOf(origin.port))
    await using client = await connectHttp({ port: proxy.port })
    const sending = client.send(bytes).catch(() => undefined) // it may be refused before all of it is sent
    const got = await client.receive()
    await sending
    expect(s3Error(got).status).toBe(400)
    expect(headerValue(got.headers, 'connection')?.toLowerCase()).toBe('close')
    await client.closed()
    expect(origin.requests).toEqual([])
    expect((await get(proxy.port)).body.toString()).toBe('object')
  })

  test('a host that is no store: refused, without asking anybody', async () => {
    await using origin = await startFakeOrigin()
    await using proxy = await startProxy(inFrontOf(origin.port))
    const got = await get(proxy.port, '/latest/meta-data/', '169.254.169.254')
    expect(s3Error(got).status).toBeGreaterThanOrEqual(400)
    expect(origin.requests).toEqual([])
  })
})

describe('the configuration is at fault: exit code 2, the place, and the name that was probably meant', () => {
  test.each([
    ['an unknown section', 'cach:\n  dir: /x\n', 1, /cach: unknown key; did you mean cache\?/],
    ['an unknown key', 'cache:\n  max_sise: 1GiB\n', 2, /cache\.max_sise: unknown key; did you mean cache\.max_size\?/],
    ['a size without a unit that exists', 'cache:\n  memory: 5 bananas\n', 2, /cache\.memory/],
    ['a port out of range', 'server:\n  http:\n    port: 70000\n', 3, /server\.http\.port/],
    ['a word that is none of the choices', 'cache:\n  authorization: netwerk\n', 2, /cache\.authorization.*network/],
    ['a duration that is none', 'cache:\n  ttl: { get: soon }\n', 2, /cache\.ttl\.get/],
    ['a list where a mapping belongs', 'cache: [1]\n', 1, /cache/],
    ['two listeners on one port', 'health: { port: 9090 }\n', undefined, /9090/],
    ['YAML that is none', 'cache:\n  dir: "x\n', undefined, /s3proxy\.yaml:\d+/],
    ['the same key twice', 'cache:\n  dir: /x\n  dir: /y\n', 3, /dir/],
  ])('%s', async (_what, text, line, message) => {
    const result = await runProxy(text)
    expect(result).toMatchObject({ kind: 'exited', code: 2, stdout: '' })
    if (result.kind !== 'exited') return
    expect(result.stderr).toMatch(message)
    if (line !== undefined) expect(result.stderr).toMatch(new RegExp(`s3proxy\\.yaml:${line}\\b`))
    expect(result.stderr).not.toContain('    at ')
  })

  test.each([
    ['a certificate file that is not there', undefined],
    ['a certificate file that holds none', 'not a certificate'],
  ])('%s', async (_what, text) => {
    await using dir = await createTempDir()
    const file = join(dir.path, 'ca.pem')
    if (text !== undefined) await writeFile(file, text)
    const result = await runProxy(`upstream:\n  ca_file: ${file}\n`)
    expect(result).toMatchObject({ kind: 'exited', code: 2, stdout: '' })
    if (result.kind === 'exited') expect(result.stderr).toMatch(/s3proxy\.yaml:2:\d+: upstream\.ca_file: /)
  })
})

describe('the machine is at fault: one clear line, and nothing listens', () => {
  test('a cache directory that cannot be written', async () => {
    await using dir = await createTempDir()
    const file = join(dir.path, 'a-file')
    await writeFile(file, '')
    const result = await runProxy({ cache: { dir: join(file, 'cache') } })
    expect(result).toMatchObject({ kind: 'exited', code: 1, stdout: '' })
    if (result.kind === 'exited') expect(oneLine(result.stderr)).toContain('a-file')
  })

  test.each(['server.http', 'health', 'metrics'])('the port of %s is taken', async (listener) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    try {
      const own = { port, bind: '127.0.0.1' }
      const result = await runProxy(listener === 'server.http' ? { server: { http: own } } : { [listener]: own })
      expect(result).toMatchObject({ kind: 'exited', code: 1 })
      if (result.kind === 'exited') expect(oneLine(result.stderr)).toMatch(new RegExp(`${port}.*(in use|EADDRINUSE)`))
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })
})

/** The one line a person gets: no stack, nothing else. */
function oneLine(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('warning: '))
  expect(lines).toHaveLength(1)
  return lines[0] as string
}

/** A UDP port nobody answers on. */
async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}
