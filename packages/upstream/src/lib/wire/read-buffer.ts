import type { Slabs } from './slabs.ts'

/** Size of the memory that is read into while a head is awaited. */
export const scratchBytes = 65_536
/** Largest piece of a body in memory of ours. */
export const slabBytes = 131_072
/** Largest piece of one that is read to where it is to stay: no memory waits for the rest, and fewer calls cost less. */
export const placedBytes = 524_288
/** The first piece of a body whose length nobody knows; each next one may be twice as large. */
const firstSlabBytes = 16_384

/**
 * The memory that one connection reads into. Heads are read into a scratch that all connections of a thread may share,
 * since what a read brings is used up at once. Bodies are read straight into memory of their own: neighbouring reads
 * (a TLS record brings 16 KiB) become one piece without a copy, and what has been given away is not written again before
 * whoever got it gives it back.
 */
export class ReadBuffer {
  readonly #scratch: Buffer
  readonly #give: (piece: Buffer) => void
  readonly #slabs: Slabs
  #slab: Buffer | undefined
  /** Bytes of the slab that hold something. */
  #filled = 0
  /** The run of the slab that is still to be given away. */
  #readyStart = 0
  #readyEnd = 0
  /** Bound of the next slab of a body of unknown length. */
  #nextBytes = firstSlabBytes
  /** Bytes of the body that have come so far. */
  #bodyBytes = 0
  /** Memory of the body's own length that somebody else has made for it. */
  #destination: Buffer | undefined

  /** `give` receives the pieces of bodies; `slabs` may get them back. */
  constructor(scratch: Buffer, give: (piece: Buffer) => void, slabs: Slabs) {
    this.#scratch = scratch
    this.#give = give
    this.#slabs = slabs
  }

  /** The memory that reads go to now, from `filled` on. */
  get bytes(): Buffer {
    return this.#slab ?? this.#scratch
  }

  get filled(): number {
    return this.#filled
  }

  /** Whether {@link flush} would give anything. */
  get isReady(): boolean {
    return this.#readyEnd > this.#readyStart
  }

  /** Where the next read is to go, if `missingBytes` of a body are still to come. Never empty: Node would try for ever. */
  target(missingBytes: number): Buffer {
    this.settle()
    if (this.#slab === undefined) {
      if (missingBytes === 0) return this.#scratch
      this.#open(0, missingBytes)
    }
    return this.#filled === 0 ? this.bytes : this.bytes.subarray(this.#filled)
  }

  /** Says that a read has brought `count` bytes, and returns the offset of their end. */
  advance(count: number): number {
    if (this.#slab === undefined) return count
    this.#filled += count
    return this.#filled
  }

  /** Reads what is still to come of this body to its place in `destination`, which is as long as the whole. */
  into(destination: Buffer): void {
    this.#destination = destination
  }

  /** Keeps a run of the body that lies in `bytes[start, end)`; `missingBytes` will follow it. */
  keep(bytes: Buffer, start: number, end: number, missingBytes: number): void {
    if (bytes === this.#slab) {
      if (start !== this.#readyEnd) this.#begin(start)
      this.#readyEnd = end
      this.#bodyBytes += end - start
      return
    }
    for (let at = start; at < end; ) {
      if (this.#slab === undefined) this.#open(end - at, missingBytes)
      const slab = this.bytes
      if (this.#filled !== this.#readyEnd) this.#begin(this.#filled)
      const copied = bytes.copy(slab, this.#filled, at, end)
      this.#filled += copied
      this.#readyEnd = this.#filled
      this.#bodyBytes += copied
      at += copied
      this.settle()
    }
  }

  /** Gives away what there is, once the memory is full; to be called after each read. */
  settle(): void {
    if (this.#slab !== undefined && this.#filled === this.#slab.length) this.#drop()
  }

  /** Gives away what there is. */
  flush(): void {
    if (!this.isReady) return
    const piece = this.bytes.subarray(this.#readyStart, this.#readyEnd)
    this.#readyStart = this.#readyEnd
    this.#slabs.lend(piece)
    this.#give(piece)
  }

  /** Gives away what there is: the body is at its end. */
  end(): void {
    this.#drop()
    this.#reset()
  }

  /** The same for a body that breaks: its memory is not used again, whatever may still be read into it. */
  abandon(): void {
    this.flush()
    this.#slab = undefined
    this.#drop()
    this.#reset()
  }

  #reset(): void {
    this.#nextBytes = firstSlabBytes
    this.#bodyBytes = 0
    this.#destination = undefined
  }

  #drop(): void {
    this.flush()
    if (this.#slab !== undefined) this.#slabs.close(this.#slab)
    this.#slab = undefined
    this.#filled = 0
    this.#readyStart = 0
    this.#readyEnd = 0
  }

  #begin(offset: number): void {
    this.flush()
    this.#readyStart = offset
    this.#readyEnd = offset
  }

  /** For `atHand` bytes and `missingBytes` to come. */
  #open(atHand: number, missingBytes: number): void {
    const isKnown = missingBytes < Number.POSITIVE_INFINITY
    const destination = this.#destination
    if (destination?.length === this.#bodyBytes + atHand + missingBytes) {
      this.#slab = destination.subarray(this.#bodyBytes, this.#bodyBytes + placedBytes)
      return
    }
    const bytes = Math.min(atHand + missingBytes, isKnown ? slabBytes : Math.max(atHand, this.#nextBytes))
    this.#slab = bytes === this.#slabs.bytes ? this.#slabs.take() : Buffer.allocUnsafeSlow(bytes)
    this.#nextBytes = Math.min(2 * this.#nextBytes, slabBytes)
  }
}
