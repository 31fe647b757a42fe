import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createOutbox, maxAnswerBytes, type Sender } from './outbox.ts'

/** A sender whose socket takes everything, or nothing. */
function createSender(takes = true) {
  const written: Buffer[] = []
  const socket = {
    destroyed: false,
    writableLength: 0,
    write(bytes: Buffer) {
      written.push(takes ? Buffer.from(bytes) : bytes)
      if (!takes) socket.writableLength += bytes.length
      return takes
    },
  }
  let sent = 0
  const sender: Sender = { socket: socket as unknown as Socket, waits: false, sent: () => void sent++ }
  return { sender, socket, written, text: () => written.map(String), sentCount: () => sent }
}

function createLoop() {
  const due: (() => void)[] = []
  return {
    later: (flush: () => void) => void due.push(flush),
    turn() {
      for (const flush of due.splice(0)) flush()
    },
    due,
  }
}

describe('an outbox', () => {
  it('sends what was put when its turn comes, answers of one connection that follow one another in one piece', () => {
    const loop = createLoop()
    const outbox = createOutbox(loop.later)
    const [a, b] = [createSender(), createSender()]
    outbox.put(a.sender, 'a1', Buffer.from('!'))
    outbox.put(a.sender, 'a2', Buffer.from('!'))
    outbox.put(b.sender, 'b1', Buffer.from('?'))
    outbox.put(a.sender, 'a3', Buffer.alloc(0))
    expect([a.sender.waits, b.sender.waits, loop.due.length]).toEqual([true, true, 1])
    expect([a.text(), b.text()]).toEqual([[], []])
    loop.turn()
    expect([a.text(), b.text()]).toEqual([['a1!a2!', 'a3'], ['b1?']])
    expect([a.sender.waits, b.sender.waits, a.sentCount()]).toEqual([false, false, 3])
  })

  it('sends at once what would not fit', () => {
    const loop = createLoop()
    const outbox = createOutbox(loop.later)
    const { sender, written } = createSender()
    for (let i = 0; i < 4; i++) outbox.put(sender, '', Buffer.alloc(maxAnswerBytes))
    expect(written.length).toBe(1)
    outbox.flush()
    expect(written.reduce((sum, { length }) => sum + length, 0)).toBe(4 * maxAnswerBytes)
    loop.turn()
    expect(written.length).toBe(2)
  })

  it('never writes again to memory that a socket still reads', () => {
    const outbox = createOutbox(createLoop().later)
    const slow = createSender(false)
    outbox.put(slow.sender, 'keep', Buffer.from('me'))
    outbox.flush()
    const { sender } = createSender()
    outbox.put(sender, 'other', Buffer.from('bytes'))
    outbox.flush()
    expect(slow.text()).toEqual(['keepme'])
  })

  it('leaves out connections that are gone', () => {
    const outbox = createOutbox(createLoop().later)
    const [gone, there] = [createSender(), createSender()]
    outbox.put(gone.sender, 'x', Buffer.alloc(0))
    outbox.put(there.sender, 'y', Buffer.alloc(0))
    gone.socket.destroyed = true
    outbox.flush()
    expect([gone.text(), there.text()]).toEqual([[], ['y']])
  })
})
