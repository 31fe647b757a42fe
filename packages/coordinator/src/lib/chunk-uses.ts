/** Counts who still looks at each chunk of a source, so that the source gets it back when nobody does. */
export interface ChunkUses {
  enter(chunk: Uint8Array): void
  /** One that entered has done with it. */
  leave(chunk: Uint8Array): void
}

/** `giveBack` is called once per chunk, after its last use. One that is never left is never given back. */
export function createChunkUses(giveBack: (chunk: Uint8Array) => void): ChunkUses {
  const uses = new WeakMap<Uint8Array, number>()
  return {
    enter: (chunk) => void uses.set(chunk, (uses.get(chunk) ?? 0) + 1),
    leave(chunk) {
      const left = (uses.get(chunk) ?? 0) - 1
      if (left > 0) uses.set(chunk, left)
      else if (uses.delete(chunk)) giveBack(chunk)
    },
  }
}

/** For a source that wants nothing back. */
export const noChunkUses: ChunkUses = { enter: () => undefined, leave: () => undefined }
