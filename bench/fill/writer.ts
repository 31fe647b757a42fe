import type { CacheStore, Representation } from '@s3proxy/cache-store'
import { openDiskTier } from '@s3proxy/cache-store'

/** What a writer is asked to do, as JSON in its first argument. */
export interface WriterTask {
  readonly directory: string
  readonly maxBytes: number
  /** Different writers write other things. */
  readonly seed: number
  /** Fills at a time. */
  readonly concurrency: number
  /** Different keys. */
  readonly keys: number
  readonly maxObjectBytes: number
}

/** What a writer says when it is told to stop. */
export interface WriterReport {
  readonly stored: number
  readonly refused: number
  readonly failed: number
  readonly bytes: number
  readonly removed: number
}

/** Writes, replaces and removes objects of all sizes as fast as the store takes them, until told to stop. */
async function write(task: WriterTask, isStopped: () => boolean): Promise<WriterReport> {
  const opening = await openDiskTier({ directory: task.directory, maxBytes: task.maxBytes })
  if (opening.kind === 'refused') throw new Error(opening.message)
  const { store } = opening
  const random = createRandom(task.seed)
  const body = Buffer.alloc(task.maxObjectBytes, task.seed)
  const report = { stored: 0, refused: 0, failed: 0, bytes: 0, removed: 0 }
  process.send?.('ready')
  const lane = async (): Promise<void> => {
    while (!isStopped()) {
      const key = `object-${Math.floor(random() * task.keys)}`
      if (random() < 0.02) {
        await store.remove(key)
        report.removed++
        continue
      }
      // As many small objects as large ones, by order of magnitude.
      const size = Math.max(1, Math.floor(task.maxObjectBytes ** (0.4 + 0.6 * random())))
      const part = random() < 0.2 ? Math.max(1, Math.floor(size * random())) : size
      const etag = `"${size}-${random() < 0.3 ? task.seed : 0}"`
      const representation = { key, etag, size, headers: ['Content-Type', 'text/plain'], checksums: false }
      const outcome = await fill(store, representation, body.subarray(0, part))
      report[outcome]++
      if (outcome === 'stored') report.bytes += part
    }
  }
  await Promise.all(Array.from({ length: task.concurrency }, lane))
  await store.close()
  return report
}

async function fill(
  store: CacheStore,
  representation: Representation,
  body: Buffer,
): Promise<'stored' | 'refused' | 'failed'> {
  const start = store.begin(representation, { start: 0, end: body.length })
  if (start.kind === 'refused') {
    await new Promise((resolve) => setImmediate(resolve))
    return 'refused'
  }
  try {
    for (let at = 0; at < body.length; at += 65_536) await start.writer.write(body.subarray(at, at + 65_536))
    const result = await start.writer.commit(Date.now(), () => true)
    return result.kind === 'stored' ? 'stored' : 'failed'
  } catch {
    start.writer.abort()
    return 'failed'
  }
}

/** The same numbers from 0 to 1 for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed + 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

let stopped = false
process.on('message', () => {
  stopped = true
})
process.on('disconnect', () => {
  stopped = true
})
const report = await write(JSON.parse(process.argv[2] ?? '{}') as WriterTask, () => stopped)
process.send?.(report)
process.disconnect?.()
