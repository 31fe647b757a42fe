import { createMemoryTier } from '@s3proxy/cache-store'
import { createManualClock } from '@s3proxy/testkit'
import { describe, expect, it } from 'vitest'
import { guardStore } from './guard-store.ts'

const never = new Promise<never>(() => undefined)
const representation = { key: 'k', etag: '"e"', size: 3, headers: [], checksums: false }

describe('guardStore', () => {
  it('takes a store that hangs for one that fails', async () => {
    const clock = createManualClock()
    const hung = {
      ...createMemoryTier({ maxBytes: 1 << 20 }),
      lookup: () => never,
      save: () => never,
      remove: () => never,
    }
    const troubles: unknown[] = []
    const store = guardStore(hung, { timers: clock, limitMs: 1000, onTrouble: (error) => troubles.push(error) })
    const results = [store.lookup('k'), store.save(representation, 0, () => true), store.remove('k')]
    await clock.advanceAsync(1000)
    expect(await Promise.all(results)).toEqual([{ kind: 'absent', reason: 'unavailable' }, false, undefined])
    expect(troubles).toHaveLength(3)
    // From now on nobody waits, until the store is tried again.
    expect(await store.lookup('other')).toEqual({ kind: 'absent', reason: 'unavailable' })
    expect(store.begin(representation, { start: 0, end: 3 })).toEqual({ kind: 'refused', reason: 'unavailable' })
    await store.remove('other')
    await clock.advanceAsync(30_000)
    expect(clock.pendingTimers).toBe(0)
    expect(store.begin(representation, { start: 0, end: 3 }).kind).toBe('writer')
  })

  it('hides what could not be removed until something newer is there', async () => {
    const memory = createMemoryTier({ maxBytes: 1 << 20 })
    let broken = false
    const store = guardStore({
      ...memory,
      remove: (key) => (broken ? Promise.reject(new Error('EIO')) : memory.remove(key)),
    })
    await store.save(representation, 1, () => true)
    broken = true
    await store.remove('k')
    expect(await store.lookup('k')).toEqual({ kind: 'absent', reason: 'unavailable' })
    await store.save({ ...representation, etag: '"f"' }, 2, () => true)
    expect(await store.lookup('k')).toMatchObject({ kind: 'held', held: { representation: { etag: '"f"' } } })
  })

  it('tells the store whom a fill is for', () => {
    const memory = createMemoryTier({ maxBytes: 1 << 20 })
    const options: unknown[] = []
    const store = guardStore({
      ...memory,
      begin(representation, range, given) {
        options.push(given)
        return memory.begin(representation, range)
      },
    })
    store.begin(representation, { start: 0, end: 3 }, { purpose: 'write' })
    expect(options).toEqual([{ purpose: 'write' }])
  })

  it('passes on a writer that hangs as one that fails', async () => {
    const clock = createManualClock()
    const memory = createMemoryTier({ maxBytes: 1 << 20 })
    const store = guardStore(
      {
        ...memory,
        begin(...call) {
          const start = memory.begin(...call)
          if (start.kind === 'refused') return start
          return { kind: 'writer', writer: { ...start.writer, written: 0, write: () => never, commit: () => never } }
        },
      },
      { timers: clock, limitMs: 1000 },
    )
    const start = store.begin(representation, { start: 0, end: 3 })
    if (start.kind === 'refused') throw new Error('refused')
    const written = Promise.resolve(start.writer.write(Buffer.from('abc'))).catch((error: unknown) => error)
    await clock.advanceAsync(1000)
    expect(await written).toMatchObject({ code: 'StoreFailed', reason: 'store-timeout' })
    const committed = start.writer.commit(0, () => true)
    await clock.advanceAsync(1000)
    expect(await committed).toEqual({ kind: 'discarded', reason: 'failed' })
  })

  it('leaves a store alone whose reads or writes hang, and breaks what waits for them', async () => {
    const clock = createManualClock()
    const memory = createMemoryTier({ maxBytes: 1 << 20 })
    const fill = memory.begin(representation, { start: 0, end: 3 })
    if (fill.kind === 'refused') throw new Error('refused')
    void fill.writer.write(Buffer.from('abc'))
    await fill.writer.commit(1, () => true)
    const lookup = await memory.lookup('k')
    if (lookup.kind === 'absent') throw new Error('absent')
    const extent = { start: 0, end: 3, tier: 'disk' } as const
    const cancelled: string[] = []
    const hanging = (name: string) => ({ next: () => never, cancel: () => void cancelled.push(name) })
    const cases = {
      opening: () => ({ ...memory, read: () => never }),
      reading: () => ({ ...memory, read: () => hanging('reading') }),
      writing: () => ({
        ...memory,
        begin: () => ({
          kind: 'writer' as const,
          writer: { ...fill.writer, written: 0, write: () => never, read: () => hanging('written') },
        }),
      }),
    }
    for (const [name, make] of Object.entries(cases)) {
      const store = guardStore(make(), { timers: clock, limitMs: 1000 })
      const wait = async (): Promise<unknown> => {
        if (name !== 'writing') return (await store.read(lookup.held, extent, extent)).next()
        const start = store.begin(representation, extent)
        return start.kind === 'writer' ? start.writer.write(Buffer.from('abc')) : undefined
      }
      const failure = wait().catch((error: unknown) => error)
      await clock.advanceAsync(1000)
      expect(await failure, name).toMatchObject({ code: 'StoreFailed', reason: 'store-timeout' })
      expect(store.begin(representation, extent), name).toEqual({ kind: 'refused', reason: 'unavailable' })
    }
    expect(cancelled).toEqual(['reading'])
  })

  it('bounds reading back what a fill has written', async () => {
    const clock = createManualClock()
    const memory = createMemoryTier({ maxBytes: 1 << 20 })
    const store = guardStore(
      {
        ...memory,
        begin(...call) {
          const start = memory.begin(...call)
          if (start.kind === 'refused') return start
          return {
            kind: 'writer',
            writer: { ...start.writer, written: 0, read: () => ({ next: () => never, cancel: () => undefined }) },
          }
        },
      },
      { timers: clock, limitMs: 1000 },
    )
    const start = store.begin(representation, { start: 0, end: 3 })
    if (start.kind === 'refused') throw new Error('refused')
    const failure = Promise.resolve(start.writer.read({ start: 0, end: 3 }).next()).catch((error: unknown) => error)
    await clock.advanceAsync(1000)
    expect(await failure).toMatchObject({ reason: 'store-timeout' })
  })
})
