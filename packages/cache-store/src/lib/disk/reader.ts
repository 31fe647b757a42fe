import { crc32 } from 'node:zlib'
import type { ByteRange, ProxyError } from '@s3proxy/protocol'
import type { RecyclingSource } from '../recycling.ts'
import { storeError, toStoreError } from '../store-error.ts'
import type { BufferPool } from './buffer-pool.ts'
import { blockBytes } from './extent-format.ts'
import { readFully } from './file-io.ts'
import type { ExtentHandle } from './handles.ts'

/**
 * Bytes of one read. Measured on Linux from the page cache: 512 KiB is the cheapest per byte, while a smaller first
 * read lets the first byte leave sooner. Both are multiples of a block.
 */
export const runBytes = 512 * 1024
const firstRunBytes = 256 * 1024

/** Smaller reads get memory of their own: a pooled buffer behind them would be mostly waste. */
const minPooledBytes = 128 * 1024

/**
 * When blocks are checked: whenever they are read, or only the first time since the file was opened, after which the
 * operating system's page cache is trusted as other memory is.
 */
export type Verification = 'every-read' | 'first-read'

export interface ExtentReaderOptions {
  /** Its use becomes the reader's, which releases it. */
  readonly handle: ExtentHandle
  /** The extent's place in its representation. */
  readonly extent: ByteRange
  /** What to read; inside `extent` and not empty. */
  readonly range: ByteRange
  readonly verify: Verification
  /** Buffers of {@link runBytes}. */
  readonly pool: BufferPool
  /** Called once, before the error reaches the consumer, when the file turns out to be unreadable. */
  readonly onBroken: (error: ProxyError) => void
  /** Called with the bytes of each run handed out. */
  readonly onRead: (bytes: number) => void
}

/** A source over an extent file whose first run has been read and verified when this resolves. */
export async function openExtentReader(options: ExtentReaderOptions): Promise<RecyclingSource> {
  const reader = new ExtentReader(options)
  const first = await reader.start()
  if (first.kind === 'broken') throw first.error
  return reader
}

type Run =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly pooled: Buffer | undefined }
  | { readonly kind: 'broken'; readonly error: ProxyError }

/** Reads one run ahead of its consumer. */
class ExtentReader implements RecyclingSource {
  readonly #options: ExtentReaderOptions
  /** Offsets in the file. */
  readonly #bodyEnd: number
  readonly #end: number
  #position: number
  #ahead: Promise<Run> | Run | undefined
  #reading = false
  #ended = false
  #released = false
  /** Buffers the consumer may give back, by the memory under them. Weak: what is not given back must not stay. */
  readonly #lent = new WeakMap<ArrayBufferLike, Buffer>()

  constructor(options: ExtentReaderOptions) {
    const { extent, range } = options
    this.#options = options
    this.#bodyEnd = extent.end - extent.start
    this.#position = range.start - extent.start
    this.#end = range.end - extent.start
  }

  async start(): Promise<Run> {
    const run = await this.#readRun(firstRunBytes)
    this.#ahead = run
    if (run.kind === 'broken') this.#finish()
    return run
  }

  next(): Uint8Array | null | Promise<Uint8Array | null> {
    const run = this.#ahead
    this.#ahead = undefined
    if (run === undefined) {
      this.#finish()
      return null
    }
    return run instanceof Promise ? run.then((value) => this.#deliver(value)) : this.#deliver(run)
  }

  cancel(): void {
    const run = this.#ahead
    this.#ahead = undefined
    if (run !== undefined && !(run instanceof Promise)) this.#discard(run)
    this.#finish()
  }

  recycle(chunk: Uint8Array): void {
    const buffer = this.#lent.get(chunk.buffer)
    if (buffer === undefined) return
    this.#lent.delete(chunk.buffer)
    this.#options.pool.give(buffer)
  }

  #deliver(run: Run): Uint8Array | null {
    if (run.kind === 'broken') {
      this.#finish()
      throw run.error
    }
    if (this.#ended) return null
    if (this.#position < this.#end) this.#ahead = this.#readRun(runBytes)
    if (run.pooled !== undefined) this.#lent.set(run.pooled.buffer, run.pooled)
    this.#options.onRead(run.bytes.length)
    return run.bytes
  }

  async #readRun(bytes: number): Promise<Run> {
    this.#reading = true
    try {
      const run = await this.#readBlocks(bytes)
      if (this.#ended) this.#discard(run)
      return run
    } catch (cause) {
      const error = toStoreError(cause, 'reading an extent failed')
      this.#options.onBroken(error)
      return { kind: 'broken', error }
    } finally {
      this.#reading = false
      if (this.#ended) this.#release()
    }
  }

  /** The wanted bytes of the blocks from the position on, all verified; moves the position. */
  async #readBlocks(bytes: number): Promise<Run> {
    const from = this.#position - (this.#position % blockBytes)
    const lastBlockEnd = Math.min(Math.ceil(this.#end / blockBytes) * blockBytes, this.#bodyEnd)
    const to = Math.min(from + bytes, lastBlockEnd)
    const { handle, pool } = this.#options
    const pooled = to - from >= minPooledBytes ? pool.take() : undefined
    const buffer = pooled?.subarray(0, to - from) ?? Buffer.allocUnsafeSlow(to - from)
    if ((await readFully(handle.file, buffer, from)) < buffer.length)
      throw storeError('corrupt', 'the file is cut short')
    this.#verify(buffer, from / blockBytes)
    const end = Math.min(this.#end, to)
    const wanted = buffer.subarray(this.#position - from, end - from)
    this.#position = end
    return { kind: 'bytes', bytes: wanted, pooled }
  }

  #verify(buffer: Buffer, firstBlock: number): void {
    const { handle, verify } = this.#options
    for (let at = 0, block = firstBlock; at < buffer.length; at += blockBytes, block++) {
      if (verify === 'first-read' && handle.verified[block] === 1) continue
      if (crc32(buffer.subarray(at, at + blockBytes)) !== handle.checksums[block]) {
        throw storeError('corrupt', 'a block has changed')
      }
      handle.verified[block] = 1
    }
  }

  #discard(run: Run): void {
    if (run.kind === 'bytes' && run.pooled !== undefined) this.#options.pool.give(run.pooled)
  }

  /** The file stays open while a read is under way: its descriptor must not be used for another file meanwhile. */
  #finish(): void {
    this.#ended = true
    if (!this.#reading) this.#release()
  }

  #release(): void {
    if (this.#released) return
    this.#released = true
    this.#options.handle.release()
  }
}
