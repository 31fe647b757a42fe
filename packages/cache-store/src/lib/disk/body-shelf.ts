import type { DiskExtent } from './disk-extent.ts'

/**
 * Bodies that were read with their records, for the next readers of the same snapshot: a small hit need not open its
 * record again while what is remembered of its key is trusted. A new look at the directory makes new extents, so a body
 * never speaks for longer than the entry it came with.
 */
export interface BodyShelf {
  get(extent: DiskExtent): Uint8Array | undefined
  put(extent: DiskExtent, body: Uint8Array): void
}

/** Keeps bodies of at most `maxBytes` together; the least recently used leave first. */
export function createBodyShelf(maxBytes: number): BodyShelf {
  const bodies = new Map<DiskExtent, Uint8Array>()
  let bytes = 0
  const take = (extent: DiskExtent): Uint8Array | undefined => {
    const body = bodies.get(extent)
    if (body === undefined) return undefined
    bodies.delete(extent)
    bytes -= body.buffer.byteLength
    return body
  }
  const put = (extent: DiskExtent, body: Uint8Array): void => {
    take(extent)
    bodies.set(extent, body)
    // A view keeps all of the memory under it.
    bytes += body.buffer.byteLength
    for (const oldest of bodies.keys()) {
      if (bytes <= maxBytes) return
      take(oldest)
    }
  }
  return {
    get(extent) {
      const body = take(extent)
      if (body !== undefined) put(extent, body)
      return body
    },
    put,
  }
}
