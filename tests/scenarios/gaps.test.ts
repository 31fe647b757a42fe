import { createMemoryTier } from '@s3proxy/cache-store'
import { headerValue } from '@s3proxy/protocol'
import { type ObjectOrigin, patternContent, startObjectOrigin } from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ScenarioProxy, startProxy } from './harness.ts'

const size = 4_000_000
const content = patternContent(size)
const bytes = Buffer.from(content.slice(0, size))

/** A store and a proxy that holds the given ranges of its object. */
async function halfWarm(mode: 's3' | 'network', ...ranges: readonly (readonly [number, number])[]) {
  const store: ObjectOrigin = await startObjectOrigin()
  onTestFinished(() => store.close())
  store.objects.put('b', 'k', content)
  const proxy = await startProxy({ origin: store, mode })
  for (const [start, end] of ranges) await proxy.settled('GET', '/b/k', ['Range', `bytes=${start}-${end - 1}`])
  store.objects.resetLog()
  return { store, proxy }
}

const signedRange = [
  'Authorization',
  'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;range, Signature=00',
]

async function readWhole(proxy: ScenarioProxy) {
  const answer = await proxy.settled('GET', '/b/k')
  expect([answer.status, answer.body.equals(bytes)]).toEqual([200, true])
  return headerValue(answer.headers, 'cache-status')
}

describe.each(['network', 's3'] as const)('a partly held object in %s mode', (mode) => {
  it('fetches only the rest for a whole read', async () => {
    const { store, proxy } = await halfWarm(mode, [0, 1_000_000])
    expect(await readWhole(proxy)).toBe('s3proxy; fwd=partial; fwd-status=206; stored')
    expect(store.objects.bodyBytesSent).toBe(3_000_000)
    store.objects.resetLog()
    await readWhole(proxy)
    expect(store.objects.bodyBytesSent).toBe(0)
  })

  it('fetches far gaps one by one and near ones together', async () => {
    const { store, proxy } = await halfWarm(mode, [0, 1000], [1500, 2000], [2_500_000, 3_900_000])
    await readWhole(proxy)
    const gets = store.objects.log.filter((entry) => entry.bodyBytes > 0).map((entry) => entry.bodyBytes)
    expect(gets.sort((a, b) => a - b)).toEqual([100_000, 2_499_000])
  })

  it('uses held bytes for an unsigned range and asks for the rest of it', async () => {
    const { store, proxy } = await halfWarm(mode, [1_000_000, 2_100_000])
    const answer = await proxy.settled('GET', '/b/k', ['Range', 'bytes=500000-2499999'])
    expect([answer.status, answer.body.equals(bytes.subarray(500_000, 2_500_000))]).toEqual([206, true])
    expect(headerValue(answer.headers, 'content-range')).toBe(`bytes 500000-2499999/${size}`)
    expect(store.objects.bodyBytesSent).toBe(900_000)
  })

  it('sends a signed range as it is, pinned to what is held', async () => {
    const { store, proxy } = await halfWarm(mode, [0, 1_000_000])
    const answer = await proxy.settled('GET', '/b/k', [...signedRange, 'Range', 'bytes=0-1999999'])
    expect([answer.status, answer.body.equals(bytes.subarray(0, 2_000_000))]).toEqual([206, true])
    const sent = store.requests.at(-1)?.headers ?? []
    expect([headerValue(sent, 'range'), headerValue(sent, 'if-match')]).toEqual([
      'bytes=0-1999999',
      store.objects.get('b', 'k')?.etag,
    ])
    expect(proxy.records.at(-1)).toMatchObject({ bytesFromCache: 1_000_000, bytesFromUpstream: 1_000_000 })
  })

  it('never mixes versions when the object was replaced behind the proxy', async () => {
    const { store, proxy } = await halfWarm(mode, [0, 1_000_000])
    const replaced = Buffer.alloc(size, 'z')
    store.objects.put('b', 'k', replaced)
    for (const headers of [[], ['Range', 'bytes=500000-1499999'], [...signedRange, 'Range', 'bytes=0-1999999']]) {
      const answer = await proxy.settled('GET', '/b/k', headers)
      expect(answer.body.equals(replaced.subarray(0, answer.body.length))).toBe(true)
      expect(answer.body.length).toBe(Number(headerValue(answer.headers, 'content-length')))
    }
  })
})

it('cuts the answer to a signed range short once what is missing has come', async () => {
  const large = 64 << 20
  const missing = 1 << 20
  const store: ObjectOrigin = await startObjectOrigin()
  onTestFinished(() => store.close())
  store.objects.put('b', 'k', patternContent(large))
  const proxy = await startProxy({
    origin: store,
    store: createMemoryTier({ maxBytes: 256 << 20, maxExtentBytes: large }),
  })
  await proxy.settled('GET', '/b/k', ['Range', `bytes=${missing}-${large - 1}`])
  store.objects.resetLog()
  const answer = await proxy.settled('GET', '/b/k', [...signedRange, 'Range', `bytes=0-${large - 1}`])
  expect([answer.status, answer.body.equals(Buffer.from(patternContent(large).slice(0, large)))]).toEqual([206, true])
  expect(store.requests.at(-1)?.target).toBe('/b/k')
  // More than what is missing is on its way when the proxy has enough: what sockets hold, but by far not all.
  expect(store.objects.bodyBytesSent).toBeLessThan(large / 2)
})

it('shows a refusal of the gap as the answer, and keeps what is held', async () => {
  let denied = false
  const store = await startObjectOrigin({ authorise: () => (denied ? 'denied' : 'allowed') })
  onTestFinished(() => store.close())
  store.objects.put('b', 'k', content)
  const proxy = await startProxy({ origin: store, mode: 's3' })
  await proxy.settled('GET', '/b/k', ['Range', 'bytes=0-999999'])
  denied = true
  expect((await proxy.settled('GET', '/b/k')).status).toBe(403)
  denied = false
  store.objects.resetLog()
  await readWhole(proxy)
  expect(store.objects.bodyBytesSent).toBe(3_000_000)
})
