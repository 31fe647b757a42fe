import type { ByteRange, ByteSource } from '@s3proxy/protocol'
import { storeError, toStoreError } from '../store-error.ts'
import { readFully } from './file-io.ts'
import type { Handle } from './handles.ts'
import type { RunBuffers, RunMemory } from './run-buffers.ts'

/** What a source needs of its spool. */
export interface SpoolBytes {
  /** What is read back from the file is read into it. */
  readonly memory: RunMemory
  /** The run of bytes at `position` if it is still in memory. */
  inMemoryAt(position: number): Uint8Array | undefined
  /** Where to stop reading the file from `position` on. */
  writtenEnd(position: number): number
  /** The source needs nothing more. */
  forget(source: SpoolSource): void
}

/** What the chunks have at `position`, to the end of the chunk. */
export function runAt(chunks: readonly Uint8Array[], position: number): Uint8Array | undefined {
  let start = 0
  for (const chunk of chunks) {
    if (position < start + chunk.length) return position === start ? chunk : chunk.subarray(position - start)
    start += chunk.length
  }
  return undefined
}

/** Reads back from a spool, from wherever the bytes are by then. What it was opened for stays readable for it. */
export class SpoolSource implements ByteSource {
  readonly #spool: SpoolBytes
  #position: number
  #end: number
  #handle: Handle | undefined = undefined
  #reading = false
  /** Opened by the first read of the file, closed by `cancel`. */
  #buffers: RunBuffers | undefined = undefined

  constructor(spool: SpoolBytes, range: ByteRange) {
    this.#spool = spool
    this.#position = range.start
    this.#end = range.end
  }

  attach(handle: Handle): void {
    handle.retain()
    this.#handle = handle
  }

  next(): Uint8Array | null | Promise<Uint8Array | null> {
    this.#buffers?.settleLent()
    if (this.#position >= this.#end) {
      this.cancel()
      return null
    }
    const chunk = this.#spool.inMemoryAt(this.#position)
    if (chunk === undefined) return this.#readFile()
    const left = this.#end - this.#position
    const wanted = chunk.length > left ? chunk.subarray(0, left) : chunk
    this.#position += wanted.length
    return wanted
  }

  cancel(): void {
    this.#end = this.#position
    this.#spool.forget(this)
    this.#buffers?.close()
    this.#releaseFile()
  }

  recycle(chunk: Uint8Array): void {
    this.#buffers?.recycle(chunk)
  }

  /** The file stays open while a read is under way. */
  #releaseFile(): void {
    if (this.#reading) return
    this.#handle?.release()
    this.#handle = undefined
  }

  async #readFile(): Promise<Uint8Array | null> {
    if (this.#handle === undefined) throw storeError('closed', 'the fill has ended')
    this.#buffers ??= this.#spool.memory.open()
    const buffers = this.#buffers
    const end = Math.min(this.#end, this.#spool.writtenEnd(this.#position), this.#position + buffers.nextRunBytes)
    const buffer = buffers.take(end - this.#position)
    this.#reading = true
    try {
      const count = await readFully(this.#handle.file, buffer, this.#position)
      if (count < buffer.length) throw storeError('io', 'the file of a fill is cut short')
      this.#position = end
      buffers.lend(buffer)
      return buffer
    } catch (error) {
      this.#end = this.#position
      this.#spool.forget(this)
      buffers.close()
      throw toStoreError(error, 'reading back a fill failed')
    } finally {
      this.#reading = false
      if (this.#position >= this.#end) this.#releaseFile()
    }
  }
}
