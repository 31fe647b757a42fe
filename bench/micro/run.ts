import { cpus } from 'node:os'
import { createMemoryTier, planRead } from '@s3proxy/cache-store'
import { classifyOperation, parseAuthorization, parseQuery, parseRangeHeader, storedHeaders } from '@s3proxy/protocol'
import { createRouter } from '@s3proxy/router'
import { lastResult, measure } from './measure.ts'

const scope = 'AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request'
const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=${'0'.repeat(64)}`
const headers = [
  'Host',
  'my-bucket.s3.us-east-1.amazonaws.com',
  'Range',
  'bytes=8388608-16777215',
  'x-amz-content-sha256',
  'UNSIGNED-PAYLOAD',
  'x-amz-date',
  '20260101T000000Z',
  'User-Agent',
  'Boto3/1.43 md/Botocore#1.43 ua/2.1 os/linux lang/python#3.11',
  'Authorization',
  authorization,
]
const head = { method: 'GET', target: '/training/shard-00042.tar', headers }
const presigned = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(scope)}&X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=${'0'.repeat(64)}`
const router = createRouter({ stores: [{ name: 'minio.local:9000', scheme: 'http' }] })
const none = parseQuery('')
const extents = Array.from({ length: 64 }, (_, i) => ({ start: i << 23, end: (i + 1) << 23, tier: 'memory' as const }))

const store = createMemoryTier({ maxBytes: 64 << 20 })
const representation = { key: 'k', etag: '"e"', size: 4096, headers: storedHeaders(headers), checksums: false }
const started = store.begin(representation, { start: 0, end: 4096 })
if (started.kind === 'writer') {
  await started.writer.write(Buffer.alloc(4096))
  await started.writer.commit(Date.now(), () => true)
}

const results = [
  measure('router.match', () => router.match(head)),
  measure('parseAuthorization, header', () => parseAuthorization(head, none)),
  measure('parseQuery, presigned', () => parseQuery(presigned)),
  measure('classifyOperation, GetObject', () =>
    classifyOperation({ method: 'GET', scope: 'object', query: none, headers }),
  ),
  measure('parseRangeHeader', () => parseRangeHeader('bytes=8388608-16777215')),
  measure('planRead, one of 64 extents', () => planRead({ start: 8388608, end: 16777216 }, extents)),
  measure('memory tier, lookup', () => store.lookup('k')),
  measure('memory tier, lookup and whole 4 KiB', () => {
    const found = store.lookup('k')
    return found.kind === 'held' ? store.whole(found.held) : undefined
  }),
  measure('memory tier, lookup and read 4 KiB', () => {
    const found = store.lookup('k')
    const extent = found.kind === 'held' ? found.held.extents[0] : undefined
    return found.kind === 'held' && extent !== undefined
      ? store.read(found.held, extent, { start: 0, end: 4096 }).next()
      : undefined
  }),
]
await store.close()

const machine = { node: process.version, cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length }
if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ machine, results })}\n`)
} else {
  process.stdout.write(`Node ${machine.node}, ${machine.cores} × ${machine.cpu}\n\n`)
  for (const { name, medianNs, minNs, maxNs } of results) {
    const span = `${minNs.toFixed(0)}–${maxNs.toFixed(0)}`
    process.stdout.write(`${name.padEnd(38)} ${medianNs.toFixed(0).padStart(7)} ns   (${span})\n`)
  }
}
if (lastResult() === undefined) throw new Error('nothing was measured: the memory tier did not give its bytes back')
