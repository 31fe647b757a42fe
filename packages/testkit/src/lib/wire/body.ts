import type { RawHeaders } from '@s3proxy/protocol'
import { type BodyFraming, parseHead } from './head.ts'
import type { SocketReader } from './socket-reader.ts'

/**
 * How a body ended. `complete`: by its own framing. `truncated`: the peer closed in an orderly way before that.
 * `reset`: the connection broke. `malformed`: its chunk framing is not HTTP.
 */
export type BodyEnd =
  | { readonly kind: 'complete'; readonly trailers: RawHeaders }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'malformed'; readonly reason: string }

const complete: BodyEnd = { kind: 'complete', trailers: [] }

/** Reads one body and hands its bytes to `onBytes` as they come; waits for `onBytes` before it reads on. */
export async function readBody(
  reader: SocketReader,
  framing: BodyFraming,
  onBytes: (bytes: Buffer) => void | Promise<void>,
): Promise<BodyEnd> {
  switch (framing.kind) {
    case 'none':
      return complete
    case 'length':
      return (await readCounted(reader, framing.length, onBytes)) ?? complete
    case 'chunked':
      return readChunked(reader, onBytes)
    case 'until-close':
      for (;;) {
        const next = await reader.read()
        if (next.kind !== 'bytes') return next.kind === 'end' ? complete : { kind: 'reset' }
        await onBytes(next.bytes)
      }
  }
}

/** Reads exactly `length` bytes; undefined if all came. */
async function readCounted(
  reader: SocketReader,
  length: number,
  onBytes: (bytes: Buffer) => void | Promise<void>,
): Promise<BodyEnd | undefined> {
  let left = length
  while (left > 0) {
    const next = await reader.read()
    if (next.kind !== 'bytes') return brokenOff(next.kind)
    reader.unread(next.bytes.subarray(left))
    const taken = next.bytes.subarray(0, left)
    left -= taken.length
    await onBytes(taken)
  }
  return undefined
}

async function readChunked(reader: SocketReader, onBytes: (bytes: Buffer) => void | Promise<void>): Promise<BodyEnd> {
  for (;;) {
    const line = await reader.readThrough('\r\n', 4096)
    if (line.kind !== 'bytes') return brokenOff(line.kind)
    const size = /^([0-9a-f]+)[ \t]*(;.*)?\r\n$/i.exec(line.bytes.toString('latin1'))?.[1]
    if (size === undefined) return { kind: 'malformed', reason: 'chunk size' }
    const length = Number.parseInt(size, 16)
    if (length === 0) return readTrailers(reader)
    const broken = await readCounted(reader, length, onBytes)
    if (broken !== undefined) return broken
    const end = await reader.readThrough('\r\n', 2)
    if (end.kind !== 'bytes') return brokenOff(end.kind)
    if (end.bytes.length !== 2) return { kind: 'malformed', reason: 'chunk end' }
  }
}

async function readTrailers(reader: SocketReader): Promise<BodyEnd> {
  const lines: Buffer[] = []
  for (;;) {
    const line = await reader.readThrough('\r\n', 65_536)
    if (line.kind !== 'bytes') return brokenOff(line.kind)
    if (line.bytes.length === 2) {
      const { headers } = parseHead(Buffer.concat([Buffer.from('\r\n'), ...lines]))
      return { kind: 'complete', trailers: headers }
    }
    lines.push(line.bytes)
  }
}

function brokenOff(kind: 'end' | 'reset'): BodyEnd {
  return kind === 'end' ? { kind: 'truncated' } : { kind: 'reset' }
}
