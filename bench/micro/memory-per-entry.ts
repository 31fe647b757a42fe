import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createEviction, createMemoryTier, type EvictionPolicy } from '@s3proxy/cache-store'

// Prints what an entry of the memory tier takes of the heap and beside it, and what the tier charges for it.
// usage: node bench/micro/memory-per-entry.ts [ENTRIES]
const count = Number(process.argv[2] ?? 100_000)
setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

/** Strings of their own, as a parser makes them. */
const text = (value: string): string => Buffer.from(value, 'latin1').toString('latin1')

function headers(index: number, fields: number): string[] {
  const all = ['Content-Type', 'binary/octet-stream', 'ETag', `"${index.toString(16).padStart(32, '0')}"`]
  for (let field = 1; field < fields; field++) all.push(`x-amz-meta-name-${field}`, `value ${field} of object ${index}`)
  return all.map(text)
}

function inUse(): number {
  gc()
  gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function measure(policy: EvictionPolicy, size: number, fields: number): Promise<void> {
  const before = inUse()
  const memory = createMemoryTier({ maxBytes: 2 ** 33, eviction: createEviction(policy) })
  for (let index = 0; index < count; index++) {
    const key = text(`aws/some-bucket-name/path/to/the/object-${String(index).padStart(10, '0')}.bin`)
    const etag = text(`"${index.toString(16).padStart(32, '0')}"`)
    const representation = { key, etag, size, headers: headers(index, fields), checksums: false }
    if (size === 0) {
      memory.saveNow(representation, 1)
      continue
    }
    const start = memory.begin(representation, { start: 0, end: size })
    if (start.kind === 'refused') throw new Error(start.reason)
    start.writer.writeNow(Buffer.alloc(size))
    start.writer.commitNow(1, () => true)
  }
  const taken = (inUse() - before) / count - size
  const charged = memory.usage().memoryBytes / count - size
  process.stdout.write(
    `${policy.padEnd(8)} ${String(size).padStart(6)} bytes, ${fields + 1} headers: takes ${taken.toFixed(0)} beside its bytes, charged ${charged.toFixed(0)}\n`,
  )
  await memory.close()
}

for (const policy of ['s3-fifo', 'tinylfu', 'lru'] as const) {
  for (const size of [0, 64, 4096]) for (const fields of [1, 8]) await measure(policy, size, fields)
}
