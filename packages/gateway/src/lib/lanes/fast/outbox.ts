import type { Socket } from 'node:net'
import type { HeadBytes } from './format-head.ts'
import { lengthOf, writeHead } from './ready-heads.ts'

/** Whose answers wait in an outbox. */
export interface Sender {
  readonly socket: Socket
  /** Whether something of it waits. Only the outbox changes it. */
  waits: boolean
  /** What waited was given to the socket. */
  sent(): void
}

/** Small answers on their way out, together: the kernel wakes the other side once rather than once per answer. */
export interface Outbox {
  /** Takes `head` and `body`, together at most {@link maxAnswerBytes}, as the next bytes of the sender. */
  put(sender: Sender, head: HeadBytes, body: Uint8Array): void
  /** Gives everything to the sockets now. Due before anything else is done with the socket of a sender that waits. */
  flush(): void
}

/**
 * Bytes of a page. A socket that does not take its part at once keeps the whole page, so this is also what a client that
 * does not read may hold.
 */
const pageBytes = 64 * 1024

/** The largest answer that is copied: beyond, two buffers cost less than a copy. */
export const maxAnswerBytes = 24 * 1024

/** An empty outbox. `later` runs a function when the requests that are there already have been dealt with: `setImmediate`. */
export function createOutbox(later: (flush: () => void) => void): Outbox {
  let page: Buffer | undefined
  let used = 0
  let isDue = false
  let senders: Sender[] = []
  /** Where the answers of `senders` end, one by one. */
  let ends: number[] = []

  const flush = (): void => {
    if (page === undefined || senders.length === 0) return
    const [full, whose, until] = [page, senders, ends]
    senders = []
    ends = []
    used = 0
    let start = 0
    let isHeld = false
    for (let i = 0; i < whose.length; i++) {
      const sender = whose[i] as Sender
      // Answers of one connection that follow one another leave together.
      if (whose[i + 1] === sender) continue
      const end = until[i] as number
      const { socket } = sender
      sender.waits = false
      if (!socket.destroyed) {
        socket.write(full.subarray(start, end))
        if (socket.writableLength > 0) isHeld = true
      }
      start = end
    }
    if (isHeld) page = undefined
    for (const sender of whose) sender.sent()
  }
  const flushLater = (): void => {
    isDue = false
    flush()
  }
  return {
    put(sender, head, body) {
      if (used + lengthOf(head) + body.length > pageBytes) flush()
      page ??= Buffer.allocUnsafeSlow(pageBytes)
      used = writeHead(page, used, head)
      page.set(body, used)
      used += body.length
      senders.push(sender)
      ends.push(used)
      sender.waits = true
      if (isDue) return
      isDue = true
      later(flushLater)
    },
    flush,
  }
}
