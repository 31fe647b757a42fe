import { type BufferAccount, type MemoryBudget, minRunBytes } from '@s3proxy/protocol'
import { createBufferPool } from './buffer-pool.ts'
import { createReadSlots, type ReadSlots } from './read-slots.ts'

/**
 * Largest run. Measured on Linux from the page cache: what a run costs beside its bytes (a thread woken, callbacks) is
 * little in 1 MiB, and read, check and write still find it in the processor's cache. A multiple of a block.
 */
export const runBytes = 1024 * 1024
/** The first run of an answer: smaller, so that the first byte leaves sooner. */
const firstRunBytes = 256 * 1024
const bufferSizes = [minRunBytes, firstRunBytes, runBytes] as const
/** A buffer of a pool is not used for less than this share of it: the rest would be waste. */
const minShare = 1 / 4

/**
 * Reads at once: as many as Node has threads for files by default. More would only wait there, in front of the small
 * reads of lookups, with their buffers growing cold.
 */
const maxReads = 4

/** Of so many readers that take turns each reads ahead; with more there is always somebody's read to do meanwhile. */
const fewReaders = 2

/** The memory that readers of one tier read into: charged to the budget, and used again where it is given back. */
export interface RunMemory {
  /** Opens the account of one reader. */
  open(): RunBuffers
}

export interface RunMemoryOptions {
  readonly budget: MemoryBudget
  /** Buffers kept for later use although nobody needs them. */
  readonly maxPooledBytes: number
}

export function createRunMemory({ budget, maxPooledBytes }: RunMemoryOptions): RunMemory {
  const pools = bufferSizes.map((bytes) =>
    createBufferPool(bytes, maxPooledBytes * (bytes === runBytes ? 3 / 4 : 1 / 8)),
  )
  const slots = createReadSlots(maxReads)
  let turns = 0
  const take = (bytes: number): Buffer => {
    const pool = pools.find(({ bufferBytes }) => bytes <= bufferBytes)
    if (pool === undefined || bytes < pool.bufferBytes * minShare) return Buffer.allocUnsafeSlow(bytes)
    return pool.take().subarray(0, bytes)
  }
  const give = (buffer: Buffer): void => {
    const pool = pools.find(({ bufferBytes }) => bufferBytes === buffer.buffer.byteLength)
    // When memory is short, only what is used then is kept.
    if (pool !== undefined && (pool.bufferBytes === minRunBytes || budget.fits(pool.bufferBytes)))
      pool.give(Buffer.from(buffer.buffer))
  }
  return { open: () => new RunBuffers({ budget, slots, take, give, takeTurn: () => ++turns }) }
}

interface Host {
  readonly budget: MemoryBudget
  take(bytes: number): Buffer
  give(buffer: Buffer): void
  readonly slots: ReadSlots
  /** Counts the runs that consumers have asked for. */
  takeTurn(): number
}

/**
 * What one reader holds: runs read ahead, and the run its consumer has. That one counts as done with when the next is
 * asked for, so a consumer that writes to a socket asks only when little of the last run still waits there.
 */
export class RunBuffers {
  readonly #host: Host
  readonly #account: BufferAccount
  #aheadBytes = 0
  #lentBytes = 0
  #lastTurn: number
  /** Runs that others asked for between the last two of this reader, and one. */
  #turnsBetween = 1
  /** Buffers the consumer may give back, by the memory under them. Weak: what is not given back must not stay. */
  readonly #lent = new WeakMap<ArrayBufferLike, Buffer>()

  constructor(host: Host) {
    this.#host = host
    this.#account = host.budget.open()
    this.#lastTurn = host.takeTurn()
  }

  /** Bytes the next run may have. Less than {@link runBytes} when memory is short; never less than a block. */
  get nextRunBytes(): number {
    return this.#host.budget.fits(runBytes) ? runBytes : minRunBytes
  }

  get firstRunBytes(): number {
    return this.#host.budget.fits(firstRunBytes) ? firstRunBytes : minRunBytes
  }

  /**
   * Whether a run may be read that nobody has asked for yet. Not among many readers: what is read early has left the
   * processor's cache when it is sent, and there is other work to do meanwhile.
   */
  get mayReadAhead(): boolean {
    return this.#turnsBetween <= fewReaders && this.#host.budget.fits(runBytes)
  }

  /** The reads of all readers together are bounded. */
  get slots(): ReadSlots {
    return this.#host.slots
  }

  /** Memory for a run of `bytes`, not zeroed. */
  take(bytes: number): Buffer {
    const buffer = this.#host.take(bytes)
    this.#aheadBytes += buffer.buffer.byteLength
    this.#settle()
    return buffer
  }

  /** What was taken is not needed after all. */
  discard(buffer: Buffer): void {
    this.#aheadBytes -= buffer.buffer.byteLength
    this.#settle()
    this.#host.give(buffer)
  }

  /** What was taken goes to the consumer. */
  lend(buffer: Buffer): void {
    this.#aheadBytes -= buffer.buffer.byteLength
    this.#lentBytes = buffer.buffer.byteLength
    this.#lent.set(buffer.buffer, buffer)
    this.#settle()
  }

  /** The consumer asks for more: it has done with what was lent. */
  settleLent(): void {
    const turn = this.#host.takeTurn()
    this.#turnsBetween = turn - this.#lastTurn
    this.#lastTurn = turn
    this.#lentBytes = 0
    this.#settle()
  }

  /** Gives back memory under `chunk`, if it was lent and has not been given back. */
  recycle(chunk: Uint8Array): void {
    const buffer = this.#lent.get(chunk.buffer)
    if (buffer === undefined) return
    this.#lent.delete(chunk.buffer)
    this.#host.give(buffer)
  }

  /** The reader has ended; what is lent may still be given back. */
  close(): void {
    this.#account.close()
  }

  #settle(): void {
    this.#account.hold(this.#aheadBytes + this.#lentBytes)
  }
}
