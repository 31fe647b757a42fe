import type { ByteRange } from '@s3proxy/protocol'
import { SliceSource } from '../slice-source.ts'
import type { MemoryExtent } from './memory-extent.ts'

/** Reads a range of an extent, which knows of it until the last byte has been taken or the reader has left. */
export class ExtentSource extends SliceSource {
  readonly #extent: MemoryExtent
  readonly #onUnread: (extent: MemoryExtent) => void
  #open = true

  /** `range` counts from the start of the object. `onUnread` is told when nobody reads the extent any more. */
  constructor(extent: MemoryExtent, range: ByteRange, onUnread: (extent: MemoryExtent) => void) {
    super(extent.bytes, range.start - extent.start, range.end - extent.start)
    this.#extent = extent
    this.#onUnread = onUnread
    extent.readers++
  }

  override next(): Uint8Array | null {
    const chunk = super.next()
    if (this.isAtEnd) this.#end()
    return chunk
  }

  override cancel(): void {
    super.cancel()
    this.#end()
  }

  #end(): void {
    if (!this.#open) return
    this.#open = false
    if (--this.#extent.readers === 0) this.#onUnread(this.#extent)
  }
}
