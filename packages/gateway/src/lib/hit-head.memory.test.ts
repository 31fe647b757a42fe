import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Representation } from '@s3proxy/cache-store'
import { expect, it } from 'vitest'
import { HitHead } from './hit-head.ts'

/** A text of its own, as a parser makes it. */
const text = (value: string): string => Buffer.from(value, 'latin1').toString('latin1')

function representationOf(index: number, fields: number): Representation {
  const etag = text(`"${index.toString(16).padStart(32, '0')}"`)
  const headers = ['ETag', etag, 'x-amz-checksum-crc32', text(`AAA${index}==`)]
  for (let field = 2; field < fields; field++) headers.push(text(`x-amz-meta-name-${field}`), text(`value ${index}`))
  return { key: text(`aws/bucket/object-${index}`), etag, size: 10, headers, checksums: true }
}

it.each([
  [2, false],
  [8, false],
  [8, true],
])('a prepared head of %i fields takes what it says, and no more (checksums too: %s)', (fields, both) => {
  setFlagsFromString('--expose-gc')
  const gc: () => void = runInNewContext('gc')
  const inUse = (): number => {
    gc()
    gc()
    return process.memoryUsage().heapUsed
  }
  const count = 20_000
  const representations = Array.from({ length: count }, (_, index) => representationOf(index, fields))
  const own = { wanted: { start: 0, end: 10 }, partial: false, ageSeconds: 7, requestId: 'ID' }
  const before = inUse()
  let told = 0
  for (const representation of representations) {
    told += new HitHead(representation, { ...own, wantsChecksums: false }, '').preparedBytes
    if (both) told += new HitHead(representation, { ...own, wantsChecksums: true }, '').preparedBytes
  }
  const taken = inUse() - before
  expect(taken).toBeLessThanOrEqual(told)
  expect(taken).toBeGreaterThan(told * 0.6)
  // Made once.
  expect(new HitHead(representations[0] as Representation, { ...own, wantsChecksums: false }, '').preparedBytes).toBe(0)
})
