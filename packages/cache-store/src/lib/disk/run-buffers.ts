import { type BufferAccount, type MemoryBudget, minRunBytes } from '@s3proxy/protocol'
import { createBufferPool } from './buffer-pool.ts'

/** Largest run. Measured on Linux from the page cache: cheapest per byte. A multiple of a block. */
export const runBytes = 512 * 1024
/** The first run of an answer: smaller, so that the first byte leaves sooner. */
const firstRunBytes = 256 * 1024

/** A buffer of a pool is not used for less than this share of it: the rest would be waste. */
const minShare = 1 / 4

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
  // Small ones serve when memory is short: then there are many of them, and none to spare for long runs.
  const pools = [
    createBufferPool(minRunBytes, maxPooledBytes / 4),
    createBufferPool(runBytes, (maxPooledBytes * 3) / 4),
  ] as const
  const poolOf = (bytes: number) =>
    pools.find(({ bufferBytes }) => bytes <= bufferBytes && bytes >= bufferBytes * minShare)
  const take = (bytes: number): Buffer => poolOf(bytes)?.take().subarray(0, bytes) ?? Buffer.allocUnsafeSlow(bytes)
  const give = (buffer: Buffer): void => {
    const pool = pools.find(({ bufferBytes }) => bufferBytes === buffer.buffer.byteLength)
    // When memory is short, nothing of it is kept idle.
    if (pool !== undefined && budget.fits(pool.bufferBytes)) pool.give(Buffer.from(buffer.buffer))
  }
  return { open: () => new RunBuffers({ budget, take, give }) }
}

interface Host {
  readonly budget: MemoryBudget
  take(bytes: number): Buffer
  give(buffer: Buffer): void
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
  /** Buffers the consumer may give back, by the memory under them. Weak: what is not given back must not stay. */
  readonly #lent = new WeakMap<ArrayBufferLike, Buffer>()

  constructor(host: Host) {
    this.#host = host
    this.#account = host.budget.open()
  }

  /** Bytes the next run may have. Less than {@link runBytes} when memory is short; never less than a block. */
  get nextRunBytes(): number {
    return this.#host.budget.fits(runBytes) ? runBytes : minRunBytes
  }

  get firstRunBytes(): number {
    return this.#host.budget.fits(firstRunBytes) ? firstRunBytes : minRunBytes
  }

  /** Whether a run may be read that nobody has asked for yet. */
  get mayReadAhead(): boolean {
    return this.#host.budget.fits(runBytes)
  }

  /** Memory for a run of `bytes`, not zeroed. */
  take(bytes: number): Buffer {
    this.#aheadBytes += bytes
    this.#settle()
    return this.#host.take(bytes)
  }

  /** What was taken is not needed after all. */
  discard(buffer: Buffer): void {
    this.#aheadBytes -= buffer.length
    this.#settle()
    this.#host.give(buffer)
  }

  /** What was taken goes to the consumer. */
  lend(buffer: Buffer): void {
    this.#aheadBytes -= buffer.length
    this.#lentBytes = buffer.length
    this.#lent.set(buffer.buffer, buffer)
    this.#settle()
  }

  /** The consumer asks for more: it has done with what was lent. */
  settleLent(): void {
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
