import { crc32 } from 'node:zlib'
import {
  type BufferAccount,
  type ByteRange,
  type ByteSource,
  type MemoryBudget,
  minRunBytes,
  type ProxyError,
} from '@s3proxy/protocol'
import { storeError, toStoreError } from '../store-error.ts'
import { blockBytes } from './extent-format.ts'
import { writeFully } from './file-io.ts'
import type { Handle } from './handles.ts'
import type { RunMemory } from './run-buffers.ts'
import { runAt, type SpoolBytes, SpoolSource } from './spool-source.ts'

/**
 * Up to so many unwritten bytes wait for more: a call costs some 20 µs with the thread that makes it, and what is no longer than
 * this goes out with its tail in one.
 */
const flushBytes = 1024 * 1024

/** Chunks smaller than this are copied together, so that a trickle does not become thousands of buffers. */
const smallBytes = 8 * 1024

export interface SpoolOptions {
  /** Makes the temporary file, once; asked for when the first bytes go out. */
  readonly create: () => Promise<Handle>
  /** Most bytes accepted but not yet in the file before `append` asks to wait; a few runs when memory is short. */
  readonly maxDirtyBytes: number
  /** What is not yet in the file is charged to it. */
  readonly budget: MemoryBudget
  readonly memory: RunMemory
}

/** Unwritten bytes of one fill when memory is short. */
const scarceDirtyBytes = 2 * minRunBytes

/**
 * A growing file with what is not yet written in memory. Offsets count from its start. Checksums of whole blocks are
 * made as the bytes come in.
 */
export interface Spool {
  readonly length: number
  /** See `FillWriter.write`. */
  append(chunk: Uint8Array, onDone?: () => void): void | Promise<void>
  /** Reads bytes appended before, from memory or from the file. Not called once the spool is dropped. */
  read(range: ByteRange): ByteSource
  /** Writes everything, then `tail(checksums)`; resolves to the file, in which the spool keeps one use. */
  finish(tail: (checksums: readonly number[]) => Uint8Array): Promise<Handle>
  /** The bytes, if none of them has been written yet. */
  inMemory(): readonly Uint8Array[] | undefined
  /** Lets go of file and memory. Sources opened before keep both until they have ended. Not called while `finish` is pending. */
  drop(): void
}

export function createSpool(options: SpoolOptions): Spool {
  return new FileSpool(options)
}

class FileSpool implements Spool, SpoolBytes {
  readonly #options: SpoolOptions
  readonly #checksums: number[] = []
  /** Checksum of the block under way. */
  #checksum = 0
  #length = 0
  /** Bytes from here on are in `#dirty`; those before are in the file. */
  #flushed = 0
  #dirty: Uint8Array[] = []
  /** For each of them, whom to tell that it has been written and that nobody has it from here; undefined: nobody. */
  #onDone: ((() => void) | undefined)[] = []
  /** A buffer being filled with small chunks; the last of `#dirty` is its beginning. */
  #collector: Buffer | undefined = undefined
  #collected = 0
  #handle: Handle | undefined = undefined
  #flushing: Promise<void> | undefined = undefined
  #error: ProxyError | undefined = undefined
  #dropped = false
  /** Sources that still want something: as long as there are any, what is in no file stays in memory. */
  readonly #sources = new Set<SpoolSource>()

  readonly #account: BufferAccount

  constructor(options: SpoolOptions) {
    this.#options = options
    this.#account = options.budget.open()
  }

  get memory(): RunMemory {
    return this.#options.memory
  }

  get length(): number {
    return this.#length
  }

  append(chunk: Uint8Array, onDone?: () => void): void | Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#dropped) return Promise.reject(storeError('closed', 'the fill has ended'))
    if (chunk.length === 0) return undefined
    this.#digest(chunk)
    const isSmall = chunk.length < smallBytes
    if (isSmall) this.#collect(chunk)
    else this.#push(chunk, onDone)
    this.#length += chunk.length
    if (isSmall) onDone?.()
    const dirty = this.#length - this.#flushed
    this.#account.hold(dirty)
    if (dirty > flushBytes && this.#flushing === undefined) void this.#startFlush()
    return dirty <= this.#maxDirtyBytes ? undefined : this.#belowLimit()
  }

  get #maxDirtyBytes(): number {
    const { budget, maxDirtyBytes } = this.#options
    return budget.fits(maxDirtyBytes) ? maxDirtyBytes : Math.min(maxDirtyBytes, scarceDirtyBytes)
  }

  read(range: ByteRange): ByteSource {
    const source = new SpoolSource(this, range)
    this.#sources.add(source)
    if (this.#handle !== undefined) source.attach(this.#handle)
    return source
  }

  forget(source: SpoolSource): void {
    this.#sources.delete(source)
    if (this.#dropped && this.#flushing === undefined) this.#release()
  }

  inMemoryAt(position: number): Uint8Array | undefined {
    if (position < this.#flushed) return undefined
    // A reader gets the memory itself, and never says when it has done with it.
    this.#onDone.fill(undefined)
    return runAt(this.#dirty, position - this.#flushed)
  }

  writtenEnd(position: number): number {
    return position < this.#flushed ? this.#flushed : this.#length
  }

  async finish(tail: (checksums: readonly number[]) => Uint8Array): Promise<Handle> {
    if (this.#length === 0) throw storeError('misuse', 'an empty fill has no file')
    while (this.#flushing !== undefined) await this.#flushing
    if (this.#error !== undefined) throw this.#error
    const last = this.#length % blockBytes === 0 ? [] : [this.#checksum]
    await this.#startFlush(tail([...this.#checksums, ...last]))
    if (this.#error !== undefined) throw this.#error
    if (this.#handle === undefined) throw storeError('closed', 'the fill has ended')
    return this.#handle
  }

  inMemory(): readonly Uint8Array[] | undefined {
    return this.#flushing === undefined && this.#flushed === 0 && this.#error === undefined ? this.#dirty : undefined
  }

  drop(): void {
    if (this.#dropped) return
    this.#dropped = true
    if (this.#flushing === undefined) this.#release()
  }

  #release(): void {
    this.#handle?.release()
    this.#handle = undefined
    this.#collector = undefined
    if (this.#sources.size > 0) return
    this.#account.close()
    this.#dirty = []
    this.#onDone = []
  }

  #digest(chunk: Uint8Array): void {
    let at = 0
    let filled = this.#length % blockBytes
    while (at < chunk.length) {
      const end = Math.min(at + blockBytes - filled, chunk.length)
      this.#checksum = crc32(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end), this.#checksum)
      filled += end - at
      at = end
      if (filled === blockBytes) {
        this.#checksums.push(this.#checksum)
        this.#checksum = 0
        filled = 0
      }
    }
  }

  #push(chunk: Uint8Array, onDone: (() => void) | undefined): void {
    this.#collector = undefined
    this.#dirty.push(chunk)
    this.#onDone.push(onDone)
  }

  #collect(chunk: Uint8Array): void {
    const collector = this.#collector
    if (collector === undefined || collector.length - this.#collected < chunk.length) {
      this.#collector = Buffer.allocUnsafeSlow(blockBytes)
      this.#collector.set(chunk)
      this.#collected = chunk.length
      this.#dirty.push(this.#collector.subarray(0, this.#collected))
      this.#onDone.push(undefined)
      return
    }
    collector.set(chunk, this.#collected)
    this.#collected += chunk.length
    this.#dirty[this.#dirty.length - 1] = collector.subarray(0, this.#collected)
  }

  async #belowLimit(): Promise<void> {
    while (this.#length - this.#flushed > this.#maxDirtyBytes && this.#error === undefined) {
      if (this.#dropped) throw storeError('closed', 'the fill has ended')
      await (this.#flushing ?? this.#startFlush())
    }
    if (this.#error !== undefined) throw this.#error
  }

  #startFlush(tail?: Uint8Array): Promise<void> {
    const flushing = this.#flush(tail)
    this.#flushing = flushing
    return flushing
  }

  async #createFile(): Promise<Handle> {
    const handle = await this.#options.create()
    for (const source of this.#sources) source.attach(handle)
    return handle
  }

  /** Writes what is there now, and `tail` after it. Never rejects: the error waits for the next caller. */
  async #flush(tail?: Uint8Array): Promise<void> {
    const batch = this.#dirty.slice()
    this.#collector = undefined
    try {
      this.#handle ??= await this.#createFile()
      await writeFully(this.#handle.file, tail === undefined ? batch : [...batch, tail], this.#flushed)
      for (const chunk of batch) this.#flushed += chunk.length
      this.#dirty = this.#dirty.slice(batch.length)
      for (const onDone of this.#onDone.splice(0, batch.length)) onDone?.()
      this.#account.hold(this.#length - this.#flushed)
    } catch (error) {
      this.#error = toStoreError(error, 'writing an extent failed')
    } finally {
      this.#flushing = undefined
      if (this.#dropped) this.#release()
    }
  }
}
