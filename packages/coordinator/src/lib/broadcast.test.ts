import {
  type ByteRange,
  type ByteSource,
  bufferSource,
  type MemoryBudget,
  minRunBytes,
  readAll,
  unlimitedBudget,
} from '@s3proxy/protocol'
import { describe, expect, it } from 'vitest'
import { type BroadcastEnd, createBroadcast, type Spill } from './broadcast.ts'

/** A source that the test feeds by hand. */
function handSource() {
  const queue: (Uint8Array | null | Error)[] = []
  let waiting: { resolve(value: Uint8Array | null): void; reject(error: Error): void } | undefined
  let cancelled = false
  const take = (value: Uint8Array | null | Error) => {
    if (waiting === undefined) return queue.push(value)
    const { resolve, reject } = waiting
    waiting = undefined
    return value instanceof Error ? reject(value) : resolve(value)
  }
  const source: ByteSource = {
    next() {
      const value = queue.shift()
      if (value instanceof Error) return Promise.reject(value)
      if (value !== undefined) return value
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
      })
    },
    cancel() {
      cancelled = true
    },
  }
  return {
    source,
    push: (text: string) => take(Buffer.from(text)),
    end: () => take(null),
    fail: (e: Error) => take(e),
    isCancelled: () => cancelled,
  }
}

function memorySpill(): Spill & { readonly bytes: () => string } {
  let all = Buffer.alloc(0)
  return {
    write(chunk) {
      all = Buffer.concat([all, chunk])
    },
    read: (range) => bufferSource(all.subarray(range.start, range.end)),
    bytes: () => all.toString(),
  }
}

function start(
  source: ByteSource,
  range: ByteRange,
  extra: { spill?: Spill; windowBytes?: number; budget?: MemoryBudget; finishBytes?: number; onEnd?: () => void } = {},
) {
  const ends: BroadcastEnd[] = []
  const broadcast = createBroadcast({
    source,
    range,
    spill: extra.spill,
    windowBytes: extra.windowBytes ?? 1024,
    finishBytes: extra.finishBytes ?? 0,
    ...(extra.budget === undefined ? {} : { budget: extra.budget }),
    lengthError: (received) => new Error(`length ${received}`),
    onEnd: (end) => {
      ends.push(end)
      extra.onEnd?.()
    },
  })
  return { broadcast, ends }
}

const join = (broadcast: ReturnType<typeof createBroadcast>, range: ByteRange): ByteSource => {
  const reader = broadcast.join(range)
  if (reader === undefined) throw new Error('could not join')
  return reader
}

const text = async (source: ByteSource) => Buffer.from(await readAll(source, 1 << 20)).toString()

describe('createBroadcast', () => {
  it('gives every reader its own range, late ones included', async () => {
    const hand = handSource()
    const { broadcast, ends } = start(hand.source, { start: 0, end: 10 }, { spill: memorySpill(), windowBytes: 2 })
    const whole = text(join(broadcast, { start: 0, end: 10 }))
    hand.push('01234')
    const early = join(broadcast, { start: 0, end: 10 })
    expect(Buffer.from((await early.next()) ?? []).toString()).toBe('01234')
    hand.push('56')
    const late = text(join(broadcast, { start: 3, end: 8 }))
    hand.push('789')
    hand.end()
    expect(await whole).toBe('0123456789')
    expect(await late).toBe('34567')
    expect(await text(early)).toBe('56789')
    await broadcast.settled
    expect(ends).toEqual([{ kind: 'complete' }])
  })

  it('is made of plain properties: an accessor would cost each fill a hidden class', async () => {
    const { broadcast } = start(bufferSource(Buffer.from('x')), { start: 0, end: 1 })
    const reader = join(broadcast, { start: 0, end: 1 })
    for (const made of [broadcast, reader]) {
      const descriptors = Object.values(Object.getOwnPropertyDescriptors(made))
      expect(descriptors.filter(({ get }) => get !== undefined)).toEqual([])
    }
    expect(await text(reader)).toBe('x')
  })

  it('says that it does not keep all once the spill has failed', async () => {
    const hand = handSource()
    const spill: Spill = { write: () => Promise.reject(new Error('full')), read: () => bufferSource() }
    const { broadcast } = start(hand.source, { start: 0, end: 2 }, { spill })
    const reading = text(join(broadcast, { start: 0, end: 2 }))
    expect(broadcast.keepsAll).toBe(true)
    hand.push('ab')
    hand.end()
    expect(await reading).toBe('ab')
    await broadcast.settled
    expect(broadcast.keepsAll).toBe(false)
  })

  it('gives no more than a run of a long chunk when memory is short', async () => {
    const hand = handSource()
    const budget = { ...unlimitedBudget, fits: () => false }
    const range = { start: 0, end: 2.5 * minRunBytes }
    const { broadcast } = start(hand.source, range, { budget })
    const reader = join(broadcast, range)
    hand.push('x'.repeat(range.end))
    hand.end()
    const lengths: number[] = []
    for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) lengths.push(chunk.length)
    expect(lengths).toEqual([minRunBytes, minRunBytes, minRunBytes / 2])
  })

  it('continues a reader slower than the window from the spill', async () => {
    const hand = handSource()
    const { broadcast } = start(hand.source, { start: 100, end: 112 }, { spill: offsetSpill(100), windowBytes: 3 })
    const slow = join(broadcast, { start: 100, end: 112 })
    const fast = text(join(broadcast, { start: 100, end: 112 }))
    for (const part of ['abc', 'def', 'ghi', 'jkl']) hand.push(part)
    hand.end()
    expect(await fast).toBe('abcdefghijkl')
    expect(await text(slow)).toBe('abcdefghijkl')
  })

  it('leaves readers behind the window what they need, though the spill is dropped as soon as the source has ended', async () => {
    const hand = handSource()
    const { spill, drop } = mortalSpill()
    const { broadcast } = start(hand.source, { start: 0, end: 12 }, { spill, windowBytes: 3, onEnd: drop })
    const reading = join(broadcast, { start: 0, end: 12 })
    const waiting = join(broadcast, { start: 0, end: 8 })
    const fast = text(join(broadcast, { start: 0, end: 12 }))
    for (const part of ['abc', 'def']) hand.push(part)
    await new Promise((resolve) => setImmediate(resolve))
    // Opened before all of it was written, and only up to there.
    const first = await reading.next()
    for (const part of ['ghi', 'jkl']) hand.push(part)
    hand.end()
    expect(await fast).toBe('abcdefghijkl')
    await broadcast.settled
    expect(Buffer.from(first ?? '').toString() + (await text(reading))).toBe('abcdefghijkl')
    expect(await text(waiting)).toBe('abcdefgh')
  })

  it('lets readers behind the window catch up when the spill fails', async () => {
    const hand = handSource()
    const { spill, fail } = mortalSpill()
    const { broadcast } = start(hand.source, { start: 0, end: 15 }, { spill, windowBytes: 3 })
    const slow = join(broadcast, { start: 0, end: 15 })
    const fast = text(join(broadcast, { start: 0, end: 15 }))
    for (const part of ['abc', 'def', 'ghi']) hand.push(part)
    await new Promise((resolve) => setImmediate(resolve))
    fail()
    for (const part of ['jkl', 'mno']) hand.push(part)
    hand.end()
    expect(await text(slow)).toBe('abcdefghijklmno')
    expect(await fast).toBe('abcdefghijklmno')
  })

  it('breaks every reader when the source fails, and ends none cleanly', async () => {
    const hand = handSource()
    const { broadcast, ends } = start(hand.source, { start: 0, end: 10 }, { spill: memorySpill() })
    const readers = [text(join(broadcast, { start: 0, end: 10 })), text(join(broadcast, { start: 2, end: 5 }))]
    hand.push('012')
    hand.fail(new Error('reset'))
    const results = await Promise.allSettled(readers)
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
    await broadcast.settled
    expect(ends[0]?.kind).toBe('failed')
    expect(broadcast.join({ start: 0, end: 2 })).toBeUndefined()
  })

  it('treats a source that ends early or runs over as failed', async () => {
    for (const body of ['012', '01234567890']) {
      const { broadcast, ends } = start(bufferSource(Buffer.from(body)), { start: 0, end: 10 })
      await expect(text(join(broadcast, { start: 0, end: 10 }))).rejects.toThrow(/length/)
      await broadcast.settled
      expect(ends[0]?.kind).toBe('failed')
    }
  })

  it('stops the source when the last reader leaves while it waits', async () => {
    const hand = handSource()
    const { broadcast, ends } = start(hand.source, { start: 0, end: 10 })
    const reader = join(broadcast, { start: 0, end: 10 })
    const pending = reader.next()
    reader.cancel()
    expect(await pending).toBeNull()
    await broadcast.settled
    expect(hand.isCancelled()).toBe(true)
    expect(ends).toEqual([{ kind: 'abandoned' }])
  })

  it('goes on for the others when one reader leaves, and finishes alone when little is left', async () => {
    const hand = handSource()
    const spill = memorySpill()
    const { broadcast, ends } = start(hand.source, { start: 0, end: 6 }, { spill, finishBytes: 3 })
    const leaver = join(broadcast, { start: 0, end: 6 })
    const stayer = join(broadcast, { start: 0, end: 3 })
    leaver.cancel()
    hand.push('012')
    expect(await text(stayer)).toBe('012')
    hand.push('345')
    hand.end()
    await broadcast.settled
    expect(ends).toEqual([{ kind: 'complete' }])
    expect(spill.bytes()).toBe('012345')
  })

  it('holds the source back without a spill until the slowest reader has read', async () => {
    let pulled = 0
    const source: ByteSource = {
      next: () => (pulled < 10 ? Buffer.from(String(pulled++)) : null),
      cancel: () => undefined,
    }
    const { broadcast } = start(source, { start: 0, end: 10 }, { windowBytes: 2 })
    const slow = join(broadcast, { start: 0, end: 10 })
    await new Promise((resolve) => setImmediate(resolve))
    expect(pulled).toBe(2)
    expect(broadcast.join({ start: 0, end: 10 })).toBeDefined()
    expect(await slow.next()).not.toBeNull()
    slow.cancel()
  })

  it('breaks readers behind the window when the spill fails, and serves the others', async () => {
    const hand = handSource()
    const spill: Spill = { write: () => Promise.reject(new Error('disk full')), read: () => bufferSource() }
    const { broadcast } = start(hand.source, { start: 0, end: 6 }, { spill, windowBytes: 2 })
    const reader = text(join(broadcast, { start: 0, end: 6 }))
    for (const part of ['01', '23', '45']) hand.push(part)
    hand.end()
    expect(await reader).toBe('012345')
    expect(broadcast.join({ start: 0, end: 1 })).toBeUndefined()
  })
})

function offsetSpill(base: number): Spill {
  const inner = memorySpill()
  return { write: inner.write, read: (range) => inner.read({ start: range.start - base, end: range.end - base }) }
}

/** A spill that can stop taking bytes, and that opens nothing more once it is dropped, as a fill that a write has outdated. */
function mortalSpill(): { readonly spill: Spill; fail(): void; drop(): void } {
  const inner = memorySpill()
  let failed = false
  let dropped = false
  return {
    spill: {
      write: (chunk, onDone) => (failed ? Promise.reject(new Error('closed')) : inner.write(chunk, onDone)),
      read(range) {
        return dropped ? lost : inner.read(range)
      },
    },
    fail() {
      failed = true
    },
    drop() {
      dropped = true
    },
  }
}

const lost: ByteSource = { next: () => Promise.reject(new Error('closed')), cancel: () => undefined }

describe('a broadcast that nobody uses any more', () => {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  function setUp() {
    let isUnused = false
    const hand = handSource()
    const broadcast = createBroadcast({
      source: hand.source,
      range: { start: 0, end: 4 },
      spill: memorySpill(),
      lengthError: () => new Error('length'),
      onEnd: () => undefined,
      onUnused: () => {
        isUnused = true
      },
    })
    const reader = broadcast.join({ start: 0, end: 4 })
    if (reader === undefined) throw new Error('it can be joined')
    return { hand, broadcast, reader, isUnused: () => isUnused }
  }

  it('says so when the last chunk is given back, and cannot be joined from then on', async () => {
    const { hand, broadcast, reader, isUnused } = setUp()
    const slow = broadcast.join({ start: 0, end: 2 })
    hand.push('abcd')
    hand.end()
    const chunk = await reader.next()
    expect(await reader.next()).toBeNull()
    await broadcast.settled
    await turn()
    if (chunk === null || slow === undefined) throw new Error('there are bytes')
    reader.recycle?.(chunk)
    reader.recycle?.(chunk)
    expect(isUnused()).toBe(false)
    const half = await slow.next()
    reader.recycle?.(half as Uint8Array)
    slow.cancel()
    expect(isUnused()).toBe(false)
    expect(broadcast.join({ start: 0, end: 4 })).toBeDefined()
    slow.recycle?.(half as Uint8Array)
    expect(isUnused()).toBe(false)
  })

  it('waits for readers, for those that hold it, and for its end', async () => {
    const { hand, broadcast, reader, isUnused } = setUp()
    const letGo = broadcast.hold()
    hand.push('abcd')
    hand.end()
    const chunk = await reader.next()
    reader.recycle?.(chunk as Uint8Array)
    await reader.next()
    await broadcast.settled
    await turn()
    const late = broadcast.join({ start: 0, end: 4 })
    letGo()
    letGo()
    expect(isUnused()).toBe(false)
    late?.cancel()
    expect(isUnused()).toBe(true)
    expect(broadcast.join({ start: 0, end: 4 })).toBeUndefined()
  })

  it('never says so of one that failed, or whose reader keeps what it got', async () => {
    const failing = setUp()
    failing.hand.fail(new Error('upstream broke'))
    await expect(failing.reader.next()).rejects.toThrow('upstream broke')
    const keeping = setUp()
    keeping.hand.push('abcd')
    keeping.hand.end()
    await readAll(keeping.reader, 4)
    await Promise.all([failing.broadcast.settled, keeping.broadcast.settled])
    await turn()
    expect([failing.isUnused(), keeping.isUnused()]).toEqual([false, false])
  })
})
