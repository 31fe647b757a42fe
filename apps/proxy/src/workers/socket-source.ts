import type { Socket } from 'node:net'
import type { ByteSource } from '@s3proxy/protocol'

/** Bytes kept of a connection that nobody reads at the moment. */
const maxWaitingBytes = 256 * 1024

/** The next `length` bytes of a connection. Ending earlier is a failure, worded by `lost`. */
export function createSocketSource(socket: Socket, length: number, lost: (cause?: unknown) => Error): ByteSource {
  const waiting: Buffer[] = []
  let waitingBytes = 0
  let missing = length
  let failure: Error | undefined
  let wake: () => void = () => undefined

  const end = (cause?: unknown): void => {
    if (missing > waitingBytes) failure ??= lost(cause)
    wake()
  }
  socket.on('error', end)
  socket.on('close', () => end())
  socket.on('end', () => end())
  socket.on('data', (chunk: Buffer) => {
    waiting.push(chunk)
    waitingBytes += chunk.length
    if (waitingBytes >= maxWaitingBytes) socket.pause()
    wake()
  })

  const take = (): Uint8Array | null | undefined => {
    if (missing === 0) {
      socket.destroy()
      return null
    }
    const chunk = waiting.shift()
    if (chunk === undefined) {
      if (failure === undefined) return undefined
      socket.destroy()
      throw failure
    }
    waitingBytes -= chunk.length
    if (waitingBytes < maxWaitingBytes) socket.resume()
    const part = chunk.length > missing ? chunk.subarray(0, missing) : chunk
    missing -= part.length
    return part
  }
  const wait = async (): Promise<Uint8Array | null> => {
    for (;;) {
      const taken = take()
      if (taken !== undefined) return taken
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  return {
    next() {
      const taken = take()
      return taken === undefined ? wait() : taken
    },
    cancel() {
      missing = 0
      waiting.length = 0
      waitingBytes = 0
      socket.destroy()
      wake()
    },
  }
}
