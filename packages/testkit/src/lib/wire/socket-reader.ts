import type { Socket } from 'node:net'

/** What reading from a socket came to. `end` is the peer's orderly close, `reset` anything rougher. */
export type Read =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset'; readonly error: Error | undefined }

/** Bytes pulled from a socket by one reader; the socket is not read ahead of it. */
export interface SocketReader {
  /** Some bytes, as many as are at hand. */
  read(): Promise<Read>
  /** Puts bytes back, to be read next. */
  unread(bytes: Buffer): void
  /** Bytes up to and including `delimiter`; `end` or `reset` if it never comes. Throws RangeError past `maxBytes`. */
  readThrough(delimiter: string, maxBytes: number): Promise<Read>
}

/** Takes over reading of `socket`. */
export function createSocketReader(socket: Socket): SocketReader {
  const putBack: Buffer[] = []
  let outcome: Read | undefined
  let wake: (() => void) | undefined
  const finish = (read: Read): void => {
    outcome ??= read
    wake?.()
  }
  socket.on('readable', () => wake?.())
  socket.on('end', () => finish({ kind: 'end' }))
  socket.on('error', (error) => finish({ kind: 'reset', error }))
  socket.on('close', () => finish({ kind: 'reset', error: undefined }))

  const read = async (): Promise<Read> => {
    const earlier = putBack.pop()
    if (earlier !== undefined) return { kind: 'bytes', bytes: earlier }
    for (;;) {
      const bytes: Buffer | null = socket.read()
      if (bytes !== null) return { kind: 'bytes', bytes }
      if (outcome !== undefined) return outcome
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const unread = (bytes: Buffer): void => {
    if (bytes.length > 0) putBack.push(bytes)
  }
  return {
    read,
    unread,
    async readThrough(delimiter, maxBytes) {
      let held: Buffer = Buffer.alloc(0)
      for (;;) {
        const next = await read()
        if (next.kind !== 'bytes') {
          unread(held)
          return next
        }
        const from = Math.max(0, held.length - delimiter.length + 1)
        held = held.length === 0 ? next.bytes : Buffer.concat([held, next.bytes])
        const found = held.indexOf(delimiter, from, 'latin1')
        if (found >= 0) {
          const end = found + delimiter.length
          unread(held.subarray(end))
          return { kind: 'bytes', bytes: held.subarray(0, end) }
        }
        if (held.length > maxBytes) throw new RangeError(`no ${JSON.stringify(delimiter)} within ${maxBytes} bytes`)
      }
    },
  }
}
