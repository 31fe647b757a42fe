import type { ByteSource } from '@s3proxy/protocol'

/**
 * A source that would like its runs back. Optional for the consumer: what is not given back is garbage collected. With
 * it a read from disk costs no fresh memory, which is dearer than the read itself.
 */
export interface RecyclingSource extends ByteSource {
  /**
   * Gives back `chunk`, which `next` handed out, whole or any view of it. Only when nobody will look at its bytes again
   * (a socket has finished with it): they will be overwritten. Also after the end. What the source did not hand out, or
   * has been given already, is ignored.
   */
  recycle(chunk: Uint8Array): void
}

/** Gives `chunk` back to the source it came from, if that one wants it. See {@link RecyclingSource}. */
export function recycle(source: ByteSource, chunk: Uint8Array): void {
  if ('recycle' in source && typeof source.recycle === 'function') source.recycle(chunk)
}
