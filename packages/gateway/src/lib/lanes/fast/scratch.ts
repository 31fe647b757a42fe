/** Where small answers are put together, one after the other. */
export interface Scratch {
  /** 96 KiB; whoever takes it fills and writes it before anybody else does. */
  take(): Buffer
  /** What was taken last is still being read by a socket: nobody may write to it again. */
  leave(): void
}

/** Room for a head and a small body. */
const scratchBytes = 96 * 1024

/** One buffer for all connections of a lane: the kernel nearly always takes a small answer at once. */
export function createScratch(): Scratch {
  let buffer: Buffer | undefined
  return {
    take() {
      buffer ??= Buffer.allocUnsafeSlow(scratchBytes)
      return buffer
    },
    leave() {
      buffer = undefined
    },
  }
}
