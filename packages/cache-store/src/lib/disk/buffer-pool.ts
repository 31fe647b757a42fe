/** Buffers of one size that are used again. Memory from here is not zeroed. */
export interface BufferPool {
  readonly bufferBytes: number
  take(): Buffer
  /** Gives back what `take` returned. The caller must not use it any more. */
  give(buffer: Buffer): void
}

/** Keeps at most `maxIdleBytes` of buffers that nobody uses. */
export function createBufferPool(bufferBytes: number, maxIdleBytes: number): BufferPool {
  const idle: Buffer[] = []
  const most = Math.floor(maxIdleBytes / bufferBytes)
  return {
    bufferBytes,
    take: () => idle.pop() ?? Buffer.allocUnsafeSlow(bufferBytes),
    give(buffer) {
      if (idle.length < most) idle.push(buffer)
    },
  }
}
