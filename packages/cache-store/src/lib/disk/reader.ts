import { crc32 } from 'node:zlib'
import type { ByteRange, ByteSource, ProxyError } from '@s3proxy/protocol'
import { storeError, toStoreError } from '../store-error.ts'
import { blockBytes } from './extent-format.ts'
import { readFully } from './file-io.ts'
import type { ExtentHandle } from './handles.ts'

/**
 * Bytes of one read. Measured on Linux from the page cache: 512 KiB is the cheapest per byte, while smaller first
 * reads let the first byte leave sooner. Both are multiples of a block.
 */
const firstRunBytes = 256 * 1024
const runBytes = 512 * 1024

export interface ExtentReaderOptions {
  /** Its use becomes the reader's, which releases it. */
  readonly handle: ExtentHandle
  /** The extent's place in its representation. */
  readonly extent: ByteRange
  /** What to read; inside `extent` and not empty. */
  readonly range: ByteRange
  /** Called once, before the error reaches the consumer, when the file turns out to be unreadable. */
  readonly onBroken: (error: ProxyError) => void
  /** Called with the bytes of each run handed out. */
  readonly onRead: (bytes: number) => void
}

/** A {@link ByteSource} over an extent file whose first run has been read and verified when this resolves. */
export async function openExtentReader(options: ExtentReaderOptions): Promise<ByteSource> {
  const reader = new ExtentReader(options)
  const first = await reader.start()
  if (first.kind === 'broken') throw first.error
  return reader
}

type Run =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'broken'; readonly error: ProxyError }

/** Reads one run ahead of its consumer; every block is verified whenever it has been read. */
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
    this.#ahead = undefined
    this.#finish()
  }

  #deliver(run: Run): Uint8Array | null {
    if (run.kind === 'broken') {
      this.#finish()
      throw run.error
    }
    if (this.#ended) return null
    if (this.#position < this.#end) this.#ahead = this.#readRun(runBytes)
    this.#options.onRead(run.bytes.length)
    return run.bytes
  }

  async #readRun(bytes: number): Promise<Run> {
    this.#reading = true
    try {
      return { kind: 'bytes', bytes: await this.#readBlocks(bytes) }
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
  async #readBlocks(bytes: number): Promise<Uint8Array> {
    const from = this.#position - (this.#position % blockBytes)
    const lastBlockEnd = Math.min(Math.ceil(this.#end / blockBytes) * blockBytes, this.#bodyEnd)
    const to = Math.min(from + bytes, lastBlockEnd)
    const buffer = Buffer.allocUnsafeSlow(to - from)
    const { file, checksums } = this.#options.handle
    if ((await readFully(file, buffer, from)) < buffer.length) throw storeError('corrupt', 'the file is cut short')
    for (let at = 0; at < buffer.length; at += blockBytes) {
      const block = buffer.subarray(at, at + blockBytes)
      if (crc32(block) !== checksums[(from + at) / blockBytes]) throw storeError('corrupt', 'a block has changed')
    }
    const wanted = buffer.subarray(this.#position - from, Math.min(this.#end, to) - from)
    this.#position = Math.min(this.#end, to)
    return wanted
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
