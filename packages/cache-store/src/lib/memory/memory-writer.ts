import { type ByteRange, type ByteSource, containsRange } from '@s3proxy/protocol'
import type { FillResult, FillWriter, Representation } from '../cache-store.ts'
import { SliceSource } from '../slice-source.ts'
import { storeError } from '../store-error.ts'
import { MemoryExtent } from './memory-extent.ts'

/** What the writer needs of its tier. */
export interface MemoryWriterHost {
  /** Makes `extent` readable, out of the reservation; false if the tier has closed. */
  publish(extent: MemoryExtent, validatedAt: number): boolean
  /** Gives back what is left of the reservation. Called once, last. */
  release(): void
}

/** A writer that needs no waiting, so that another tier can use it inside its own critical section. */
export interface MemoryWriter extends FillWriter {
  /** Bytes written so far. */
  readonly written: number
  /** `write` that never waits; throws where `write` rejects. */
  writeNow(chunk: Uint8Array): void
  commitNow(validatedAt: number, guard: () => boolean): FillResult
}

/**
 * Collects a fill in `memory`, which is as long as the range. Chunks are copied, unless they lie in it already: they may be small
 * views of large network buffers, which would otherwise stay alive as long as the extent.
 */
export function createMemoryWriter(
  host: MemoryWriterHost,
  representation: Representation,
  range: ByteRange,
  memory: Buffer<ArrayBuffer>,
): MemoryWriter {
  let buffer = memory
  let open = true
  let published: MemoryExtent | undefined

  const writeNow = (chunk: Uint8Array): void => {
    if (!open) throw storeError('closed', 'the fill has ended')
    if (chunk.length > buffer.length - writer.written)
      throw storeError('misuse', 'more bytes than the range of the fill')
    if (!liesAt(chunk, buffer, writer.written)) buffer.set(chunk, writer.written)
    writer.written += chunk.length
  }
  const discarded = (reason: 'vetoed' | 'empty' | 'failed'): FillResult => ({ kind: 'discarded', reason })
  const publish = (validatedAt: number): FillResult => {
    if (writer.written < buffer.length) buffer = copyOf(buffer, writer.written)
    const extent = new MemoryExtent(representation.key, range.start, buffer)
    if (!host.publish(extent, validatedAt)) return discarded('failed')
    published = extent
    return { kind: 'stored', kept: { start: extent.start, end: extent.end } }
  }
  const commitNow = (validatedAt: number, guard: () => boolean): FillResult => {
    if (!open) return discarded('failed')
    open = false
    try {
      if (writer.written === 0) return discarded('empty')
      return guard() ? publish(validatedAt) : discarded('vetoed')
    } finally {
      host.release()
    }
  }

  // No accessor: each object literal with one makes a hidden class of its own, which keeps all around it until a full collection.
  const writer: MemoryWriter & { written: number } = {
    written: 0,
    memory,
    writeNow,
    write(chunk, onDone) {
      try {
        writeNow(chunk)
        onDone?.()
        return undefined
      } catch (error) {
        return Promise.reject(error)
      }
    },
    read(wanted): ByteSource {
      if (!containsRange({ start: range.start, end: range.start + writer.written }, wanted)) {
        throw storeError('misuse', 'bytes that have not been written')
      }
      return new SliceSource(buffer, wanted.start - range.start, wanted.end - range.start)
    },
    commitNow,
    async commit(validatedAt, guard) {
      return commitNow(validatedAt, guard)
    },
    abort() {
      if (!open) return
      open = false
      host.release()
    },
    giveBack() {
      if (published?.memory === 'filled') published.memory = 'given-back'
    },
  }
  return writer
}

/** Whether `chunk` is the part of `buffer` that begins at `offset`. */
function liesAt(chunk: Uint8Array, buffer: Buffer, offset: number): boolean {
  return chunk.buffer === buffer.buffer && chunk.byteOffset === buffer.byteOffset + offset
}

/** The first `length` bytes in a buffer of their own, so that the rest can be freed. */
function copyOf(buffer: Buffer<ArrayBuffer>, length: number): Buffer<ArrayBuffer> {
  const copy = Buffer.allocUnsafeSlow(length)
  buffer.copy(copy, 0, 0, length)
  return copy
}
