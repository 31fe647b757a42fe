import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { type Content, type HttpAnswer, patternContent, requestOnce, startObjectOrigin } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import { startProxy } from './harness/start-proxy.ts'

// An object as large as S3 takes in one PUT goes through a proxy with little memory, and comes back from its disk.

const GiB = 1024 ** 3
/** `S3PROXY_LARGE_BYTES` makes it smaller where disk or time is short. */
const size = Number(process.env['S3PROXY_LARGE_BYTES'] || 5 * GiB)
const maxHeapMiB = 256
/** Heap, RAM tier, Node.js itself and the buffers on the way; far below the object. */
const maxRssBytes = 0.75 * GiB

test(`an object of ${size} bytes through a heap of ${maxHeapMiB} MiB`, { timeout: 1_200_000 }, async ({ skip }) => {
  const { bavail, bsize } = await statfs(tmpdir())
  const needed = size * 1.25
  if (bavail * bsize < needed) {
    const why = `${tmpdir()} has no room for ${needed} bytes; set S3PROXY_LARGE_BYTES or TMPDIR`
    if (process.env['CI'] === 'true') throw new Error(why)
    skip(why)
  }

  const content = patternContent(size)
  await using origin = await startObjectOrigin()
  origin.objects.put('bucket', 'large', content, { etag: '"large-1"' })
  const host = 'store.test:9000'
  await using proxy = await startProxy(
    {
      // One process, so that its memory is that of the proxy.
      server: { workers: 1 },
      cache: { authorization: 'network', max_size: Math.ceil(size * 1.2) },
      upstream: { stores: { [host]: { scheme: 'http', endpoint: `127.0.0.1:${origin.port}` } } },
    },
    { nodeOptions: `--max-old-space-size=${maxHeapMiB}` },
  )

  for (const pass of ['from the store', 'from the cache']) {
    const startedAt = performance.now()
    const got = await readAndCompare(proxy.port, host, content)
    const seconds = (performance.now() - startedAt) / 1000
    const rssMiB = (await proxy.peakRssBytes()) / 1024 ** 2
    console.log(
      `${pass}: ${size} bytes in ${seconds.toFixed(1)} s (${(size / seconds / 1e6).toFixed(0)} MB/s), ` +
        `peak memory of the proxy ${rssMiB.toFixed(0)} MiB`,
    )
    expect(got).toMatchObject({ status: 200, end: { kind: 'complete' }, bodyBytes: size })
  }
  expect(origin.objects.count({ method: 'GET' })).toBe(1)
  expect(origin.objects.bodyBytesSent).toBe(size)
  expect(await proxy.peakRssBytes()).toBeLessThan(maxRssBytes)
})

/** Reads the object and holds every byte against the original as it comes. */
function readAndCompare(port: number, host: string, content: Content): Promise<HttpAnswer> {
  let position = 0
  return requestOnce(
    { port },
    { method: 'GET', target: '/bucket/large', headers: ['Host', host] },
    {
      onBody: (bytes) => {
        const expected = content.slice(position, position + bytes.length)
        if (!bytes.equals(expected)) throw new Error(`wrong bytes at ${position} or after`)
        position += bytes.length
      },
    },
  )
}
