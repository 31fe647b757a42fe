import type { CacheStore, Representation } from '@s3proxy/cache-store'
import { createContent } from '../lib/content.ts'
import { openStore } from './open.ts'

/** Bytes of a large object: a part of a download. */
export const largeBytes = 8 << 20

export function largeObject(index: number): Representation {
  const headers = ['Content-Type', 'application/x-tar']
  return { key: `aws/bench/large/${index}`, etag: `"${index}"`, size: largeBytes, headers, checksums: false }
}

/** Fills the store with `count` of them; each becomes one extent in a file of its own. */
export async function writeLargeObjects(directory: string, count: number): Promise<void> {
  const store = await openStore({ directory })
  const content = createContent()
  for (let index = 0; index < count; index++) await write(store, largeObject(index), content)
  await store.close()
}

async function write(store: CacheStore, representation: Representation, content: ReturnType<typeof createContent>) {
  const start = store.begin(representation, { start: 0, end: largeBytes })
  if (start.kind === 'refused') throw new Error(`refused: ${start.reason}`)
  for (const piece of content.pieces(0, largeBytes, 256 << 10)) await start.writer.write(Buffer.from(piece))
  const result = await start.writer.commit(Date.now(), () => true)
  if (result.kind !== 'stored') throw new Error(`discarded: ${result.reason}`)
}
