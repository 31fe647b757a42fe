/** Memory for pieces of bodies, used again once every piece has been given back. */
export interface Slabs {
  /** Bytes of a slab. */
  readonly bytes: number
  /** A slab to read into. Not zeroed. */
  take(): Buffer
  /** `piece` of a slab goes to somebody else. */
  lend(piece: Buffer): void
  /** Nothing more is read into `slab`: it is used again when all of its pieces are back. */
  close(slab: Buffer): void
  /** Takes back a piece that was lent: nobody will look at it again. Anything else is ignored. */
  giveBack(piece: Uint8Array): void
}

interface Slab {
  readonly memory: Buffer
  /** What others have of it. */
  readonly lent: Set<Uint8Array>
  isOpen: boolean
}

/** Keeps at most `maxIdleBytes` of slabs that nobody uses. What is never given back is left to the garbage collector. */
export function createSlabs(bytes: number, maxIdleBytes: number): Slabs {
  const idle: Buffer[] = []
  const most = Math.floor(maxIdleBytes / bytes)
  const used = new WeakMap<ArrayBufferLike, Slab>()
  const settle = ({ memory, lent, isOpen }: Slab): void => {
    if (isOpen || lent.size > 0) return
    used.delete(memory.buffer)
    if (idle.length < most) idle.push(memory)
  }
  return {
    bytes,
    take() {
      const memory = idle.pop() ?? Buffer.allocUnsafeSlow(bytes)
      used.set(memory.buffer, { memory, lent: new Set(), isOpen: true })
      return memory
    },
    lend: (piece) => void used.get(piece.buffer)?.lent.add(piece),
    close(slab) {
      const found = used.get(slab.buffer)
      if (found === undefined) return
      found.isOpen = false
      settle(found)
    },
    giveBack(piece) {
      const found = used.get(piece.buffer)
      if (found?.lent.delete(piece) === true) settle(found)
    },
  }
}
