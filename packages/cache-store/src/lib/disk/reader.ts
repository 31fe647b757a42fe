import { crc32 } from 'node:zlib'
import type { ByteRange, ByteSource, ProxyError } from '@s3proxy/protocol'
import { storeError, toStoreError } from '../store-error.ts'
import { blockBytes } from './extent-format.ts'
import { readFully } from './file-io.ts'
import type { ExtentHandle } from './handles.ts'
import { readFrameAt } from './packed-blocks.ts'
import type { RunBuffers } from './run-buffers.ts'

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
  /** Its account becomes the reader's, which closes it. */
  readonly buffers: RunBuffers
  /** Called once, before the error reaches the consumer, when the file turns out to be unreadable. */
  readonly onBroken: (error: ProxyError) => void
  /** Called with the bytes of each run handed out. */
  readonly onRead: (bytes: number) => void
}

/** A source over an extent file whose first run has been read and verified when this resolves. */
export async function openExtentReader(options: ExtentReaderOptions): Promise<ByteSource> {
  const reader = new ExtentReader(options)
  const first = await reader.start()
  if (first.kind === 'broken') throw first.error
  return reader
}

type Run =
  | {
      readonly kind: 'bytes'
      readonly bytes: Uint8Array
      /** The memory under it: whole blocks. */
      readonly buffer: Buffer
    }
  /** The reader ended before its turn to read came. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'broken'; readonly error: ProxyError }

/** Reads one run ahead of its consumer while there is memory for it, else when it is asked. */
class ExtentReader implements ByteSource {
  readonly #options: ExtentReaderOptions
  /** Offsets in the file. */
  readonly #bodyEnd: number
  readonly #end: number
  #position: number
  #ahead: Promise<Run> | Run | undefined
  #reading = false
  #ended = false
  #released = false

  constructor(options: ExtentReaderOptions) {
    const { extent, range } = options
    this.#options = options
    this.#bodyEnd = extent.end - extent.start
    this.#position = range.start - extent.start
    this.#end = range.end - extent.start
  }

  async start(): Promise<Run> {
    const run = await this.#readRun('first')
    this.#ahead = run
    if (run.kind === 'broken') this.#finish()
    return run
  }

  next(): Uint8Array | null | Promise<Uint8Array | null> {
    const { buffers } = this.#options
    buffers.settleLent()
    const run = this.#ahead ?? (this.#hasMore ? this.#readRun('later') : undefined)
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
    this.#options.buffers.recycle(chunk)
  }

  get #hasMore(): boolean {
    return !this.#ended && this.#position < this.#end
  }

  #deliver(run: Run): Uint8Array | null {
    if (run.kind === 'broken') {
      this.#finish()
      throw run.error
    }
    if (this.#ended || run.kind === 'cancelled') return null
    const { buffers } = this.#options
    buffers.lend(run.buffer)
    if (this.#hasMore && buffers.mayReadAhead) this.#ahead = this.#readRun('later')
    this.#options.onRead(run.bytes.length)
    return run.bytes
  }

  async #readRun(which: 'first' | 'later'): Promise<Run> {
    this.#reading = true
    const { slots } = this.#options.buffers
    const turn = slots.enter()
    if (turn !== undefined) await turn
    try {
      if (this.#ended) return { kind: 'cancelled' }
      const run = await this.#readBlocks(which)
      if (this.#ended) this.#discard(run)
      return run
    } catch (cause) {
      const error = toStoreError(cause, 'reading an extent failed')
      this.#options.onBroken(error)
      return { kind: 'broken', error }
    } finally {
      slots.leave()
      this.#reading = false
      if (this.#ended) this.#release()
    }
  }

  /** The wanted bytes from the position on, all verified; moves the position. */
  async #readBlocks(which: 'first' | 'later'): Promise<Run> {
    const { handle, extent, buffers } = this.#options
    // Asked in the turn in which the memory is taken: many may have waited for theirs.
    const runBytes = which === 'first' ? buffers.firstRunBytes : buffers.nextRunBytes
    const { from, buffer } =
      handle.packed === undefined
        ? await this.#readPlain(runBytes)
        : await readFrameAt(handle.file, handle.packed, extent, this.#position, buffers)
    const end = Math.min(this.#end, from + buffer.length)
    const bytes = buffer.subarray(this.#position - from, end - from)
    this.#position = end
    return { kind: 'bytes', bytes, buffer }
  }

  async #readPlain(runBytes: number): Promise<{ readonly from: number; readonly buffer: Buffer }> {
    const from = this.#position - (this.#position % blockBytes)
    const lastBlockEnd = Math.min(Math.ceil(this.#end / blockBytes) * blockBytes, this.#bodyEnd)
    const to = Math.min(from + runBytes, lastBlockEnd)
    const { handle, buffers } = this.#options
    const buffer = buffers.take(to - from)
    try {
      if ((await readFully(handle.file, buffer, from)) < buffer.length) {
        throw storeError('corrupt', 'the file is cut short')
      }
      this.#verify(buffer, from / blockBytes)
    } catch (error) {
      buffers.discard(buffer)
      throw error
    }
    return { from, buffer }
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
    if (run.kind === 'bytes') this.#options.buffers.discard(run.buffer)
  }

  /** The file stays open while a read is under way: its descriptor must not be used for another file meanwhile. */
  #finish(): void {
    this.#ended = true
    if (!this.#reading) this.#release()
  }

  #release(): void {
    if (this.#released) return
    this.#released = true
    this.#options.buffers.close()
    this.#options.handle.release()
  }
}
