import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { answer, type FakeOrigin, startFakeOrigin } from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gist, type ScenarioOptions, startProxy } from './harness.ts'

async function fakeOrigin(): Promise<FakeOrigin> {
  const started = await startFakeOrigin()
  onTestFinished(() => started.close())
  return started
}

const body = Buffer.from('x'.repeat(50_000))
const flipped = Buffer.from(body)
flipped[31_000] = 0x79

const md5 = `"${createHash('md5').update(body).digest('hex')}"`
const dated = ['Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT']
const tagged = ['ETag', md5, ...dated]

/** Headers of `body` that carry a sum of it. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  md5: tagged,
  crc32: ['ETag', '"e-2"', ...dated, 'x-amz-checksum-crc32', base64(crc32(body)), 'x-amz-checksum-type', 'FULL_OBJECT'],
  crc64nvme: [
    'ETag',
    '"e-2"',
    ...dated,
    'x-amz-checksum-crc64nvme',
    '4jRfjiWlY5c=',
    'x-amz-checksum-type',
    'FULL_OBJECT',
  ],
  crc32c: ['ETag', '"e"', ...dated, 'x-amz-checksum-crc32c', 'c5AKCA=='],
  sha1: ['ETag', '"e"', ...dated, 'x-amz-checksum-sha1', createHash('sha1').update(body).digest('base64')],
  sha256: [...tagged, 'x-amz-checksum-sha256', createHash('sha256').update(body).digest('base64')],
}

function base64(sum: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(sum)
  return bytes.toString('base64')
}

/** What a client sees of an answer that may break. */
async function attempt(proxy: Awaited<ReturnType<typeof startProxy>>, target: string): Promise<string> {
  try {
    const [status, cache, text] = gist(await proxy.settled('GET', target))
    return `${status} ${cache} ${text === body.toString() ? 'right' : 'wrong'}`
  } catch {
    return 'broken'
  }
}

async function start(options: Omit<ScenarioOptions, 'origin'> = {}) {
  const store = await fakeOrigin()
  return { store, proxy: await startProxy({ origin: store, ...options }) }
}

describe('checksums of S3', () => {
  it.each(Object.entries(kinds))(
    'a flipped byte under a %s breaks the reader and is never stored',
    async (algorithm, headers) => {
      const { store, proxy } = await start()
      store.script(answer({ headers, body: flipped }), answer({ headers, body }))
      expect(await attempt(proxy, '/b/k')).toBe('broken')
      expect(await attempt(proxy, '/b/k')).toBe('200 MISS right')
      expect(await attempt(proxy, '/b/k')).toBe('200 HIT right')
      expect(proxy.mismatches).toEqual([algorithm])
      expect(proxy.records[0]).toMatchObject({
        errorCode: 'UpstreamCorrupt',
        reason: 'checksum-mismatch',
        aborted: true,
      })
      expect(store.requests.length).toBe(2)
    },
  )

  it('an MD5 of a large object counts only where all are verified; off verifies none', async () => {
    const large = Buffer.alloc(100_000, 1)
    const headers = ['ETag', `"${'0'.repeat(32)}"`, ...dated]
    const seen: Record<string, number> = {}
    for (const verifyFills of ['all', 'cheap', 'off'] as const) {
      const { store, proxy } = await start({ verifyFills })
      store.script(answer({ headers, body: large }), answer({ headers: kinds['crc32'] ?? [], body: flipped }))
      await attempt(proxy, '/b/large')
      await attempt(proxy, '/b/small')
      seen[verifyFills] = proxy.mismatches.length
    }
    expect(seen).toEqual({ all: 2, cheap: 1, off: 0 })
  })

  it('sums of parts are not compared with the whole', async () => {
    const headers = [
      ...tagged.slice(2),
      'ETag',
      '"e-2"',
      'x-amz-checksum-crc32',
      'AAAAAA==',
      'x-amz-checksum-type',
      'COMPOSITE',
    ]
    const { store, proxy } = await start()
    store.script(answer({ headers, body }))
    expect(await attempt(proxy, '/b/k')).toBe('200 MISS right')
    expect(await attempt(proxy, '/b/k')).toBe('200 HIT right')
  })

  it('bytes that come twice pass although the entity tag disagrees, but are not stored', async () => {
    const { store, proxy } = await start()
    const wrong = answer({ headers: tagged, body: flipped })
    store.script(wrong, wrong, answer({ headers: tagged, body }))
    expect(await attempt(proxy, '/b/k')).toBe('broken')
    expect(await attempt(proxy, '/b/k')).toBe('200 MISS wrong')
    expect(await attempt(proxy, '/b/k')).toBe('200 MISS right')
    expect(await attempt(proxy, '/b/k')).toBe('200 HIT right')
  })

  it('a store whose entity tags are no MD5 sums is found out, and cached', async () => {
    const { store, proxy } = await start()
    const opaque = answer({ headers: ['ETag', `"${'ab'.repeat(16)}"`, ...dated], body })
    store.script(...Array.from({ length: 7 }, () => opaque))
    const seen = []
    for (const key of ['1', '1', '2', '2', '3', '3', '3', '4', '4']) seen.push(await attempt(proxy, `/b/${key}`))
    const [miss, hit] = ['200 MISS right', '200 HIT right']
    expect(seen).toEqual(['broken', miss, 'broken', miss, 'broken', miss, hit, miss, hit])
  })
})
