import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noopObserver } from '../observer.ts'
import { repeatableRandom } from '../testing/eviction-contract.ts'
import { beginFill, fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { createEviction, type EvictionPolicy } from './eviction/create-eviction.ts'
import { createLru } from './eviction/lru.ts'
import type { MemoryOwner } from './memory-entry.ts'
import { createMemoryTier } from './memory-tier.ts'

const yes = (): boolean => true

describe('the memory tier', () => {
  it('keeps its bound at every moment, whatever happens', async () => {
    const step = fc.record({
      kind: fc.constantFrom('begin', 'commit', 'abort', 'save', 'remove', 'read', 'attach'),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      etag: fc.constantFrom('"1"', '"2"'),
      size: fc.integer({ min: 1, max: 4000 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const memory = createMemoryTier({ maxBytes: 10_000, maxExtentBytes: 4000 })
        const open: ReturnType<typeof beginFill>[] = []
        for (const { kind, key, etag, size } of steps) {
          const representation = sampleRepresentation({ key, etag, size })
          if (kind === 'begin') {
            const start = memory.begin(representation, { start: 0, end: size })
            if (start.kind === 'writer') open.push(start.writer)
            if (start.kind === 'writer') await start.writer.write(sampleBytes(Math.ceil(size / 2)))
          }
          if (kind === 'commit') await open.shift()?.commit(1, yes)
          if (kind === 'abort') open.shift()?.abort()
          if (kind === 'save') await memory.save(representation, 1, yes)
          if (kind === 'remove') await memory.remove(key)
          if (kind === 'read') memory.lookup(key)
          const found = kind === 'attach' ? memory.lookup(key) : undefined
          if (found?.kind === 'held') memory.attach(found.held.representation, size)
          expect(memory.usage().memoryBytes).toBeLessThanOrEqual(10_000)
        }
        for (const writer of open) writer.abort()
        for (const key of ['a', 'b', 'c', 'd']) await memory.remove(key)
        expect(memory.usage()).toEqual({ memoryBytes: 0, memoryEntries: 0, diskBytes: 0 })
      }),
    )
  })

  it('counts what hangs on a representation as long as it holds it, attached before or meanwhile', async () => {
    const memory = createMemoryTier({ maxBytes: 100_000 })
    const representation = sampleRepresentation()
    await memory.save(representation, 1, yes)
    const bare = memory.usage().memoryBytes
    memory.attach(representation, 500)
    expect(memory.usage().memoryBytes).toBe(bare + 500)
    // Of an equal one that nobody holds.
    memory.attach(sampleRepresentation(), 70)
    expect(memory.usage().memoryBytes).toBe(bare + 500)
    await memory.remove(representation.key)
    expect(memory.usage().memoryBytes).toBe(0)
    await memory.save(representation, 2, yes)
    expect(memory.usage().memoryBytes).toBe(bare + 500)
    await fill(memory, representation, sampleBytes(representation.size))
    await memory.remove(representation.key)
    expect(memory.usage().memoryBytes).toBe(0)
  })

  describe('what is evicted', () => {
    const tierOfOne = () => createMemoryTier({ maxBytes: 50_000, maxExtentBytes: 40_000 })
    const begin = (memory: ReturnType<typeof tierOfOne>, key: string, size = 30_000) => {
      const start = memory.begin(sampleRepresentation({ key, size }), { start: 0, end: size })
      if (start.kind === 'refused') throw new Error(start.reason)
      return start.writer
    }
    const filled = (memory: ReturnType<typeof tierOfOne>, key: string) => {
      const writer = begin(memory, key)
      writer.writeNow(sampleBytes(30_000))
      writer.commitNow(1, yes)
      return writer
    }
    const snapshot = (memory: ReturnType<typeof tierOfOne>, key: string) => {
      const lookup = memory.lookup(key)
      const extent = lookup.kind === 'held' ? lookup.held.extents[0] : undefined
      if (lookup.kind !== 'held' || extent === undefined) throw new Error('it is held')
      return { held: lookup.held, extent }
    }

    it('gives its memory to the next fill of that length, if nobody else has it', () => {
      const memory = tierOfOne()
      const first = filled(memory, 'a')
      first.giveBack?.()
      const { held, extent } = snapshot(memory, 'a')
      const second = begin(memory, 'b')
      expect(second.memory).toBe(first.memory)
      expect(() => second.read({ start: 0, end: 1 })).toThrow('have not been written')
      expect(() => memory.read(held, extent, extent)).toThrow('evicted')
      expect(memory.whole(held)).toBeUndefined()
    })

    it('keeps its memory while others may look at it', () => {
      const unfinished = tierOfOne()
      const first = filled(unfinished, 'a')
      expect(begin(unfinished, 'b').memory).not.toBe(first.memory)

      const readers = {
        read: (memory: ReturnType<typeof tierOfOne>) => {
          const { held, extent } = snapshot(memory, 'a')
          memory.read(held, extent, extent).next()
        },
        whole: (memory: ReturnType<typeof tierOfOne>) => {
          memory.whole(snapshot(memory, 'a').held)
        },
      }
      for (const use of Object.values(readers)) {
        const memory = tierOfOne()
        const writer = filled(memory, 'a')
        use(memory)
        writer.giveBack?.()
        expect(begin(memory, 'b').memory).not.toBe(writer.memory)
      }
    })

    it('gives nothing to a fill of another length, or for what has left otherwise', async () => {
      const memory = tierOfOne()
      const first = filled(memory, 'a')
      first.giveBack?.()
      expect(begin(memory, 'b', 29_999).memory).not.toBe(first.memory)
      const other = tierOfOne()
      const removed = filled(other, 'a')
      removed.giveBack?.()
      await other.remove('a')
      expect(begin(other, 'b').memory).not.toBe(removed.memory)
    })
  })

  it('answers, reads and commits without waiting', () => {
    const memory = createMemoryTier({ maxBytes: 1e6 })
    const start = memory.begin(sampleRepresentation(), { start: 0, end: 1000 })
    if (start.kind === 'refused') throw new Error(start.reason)
    start.writer.writeNow(sampleBytes(1000))
    expect(start.writer.commitNow(1, yes).kind).toBe('stored')
    const lookup = memory.lookup('aws/bucket/object')
    if (lookup.kind === 'absent') throw new Error(lookup.reason)
    expect(memory.lookup('aws/bucket/object')).toBe(lookup)
    const [extent] = lookup.held.extents
    if (extent === undefined) throw new Error('nothing held')
    const source = memory.read(lookup.held, extent, { start: 10, end: 20 })
    expect(source.next()).toEqual(sampleBytes(1000).subarray(10, 20))
    expect(source.next()).toBeNull()
  })

  it('keeps what was read into its own memory as it keeps what it copied', () => {
    const body = sampleBytes(1000)
    const memory = createMemoryTier({ maxBytes: 1e6 })
    const start = memory.begin(sampleRepresentation(), { start: 0, end: 1000 })
    if (start.kind === 'refused') throw new Error(start.reason)
    const { writer } = start
    writer.writeNow(body.subarray(0, 300))
    writer.memory?.set(body.subarray(300, 700), 300)
    writer.writeNow(writer.memory?.subarray(300, 700) ?? body.subarray(300, 700))
    // of the same memory, but not at its place
    writer.memory?.set(body.subarray(700, 800), 900)
    writer.writeNow(writer.memory?.subarray(900, 1000) ?? body.subarray(700, 800))
    writer.writeNow(body.subarray(800))
    expect(writer.commitNow(1, yes).kind).toBe('stored')
    const lookup = memory.lookup('aws/bucket/object')
    const extent = lookup.kind === 'held' ? lookup.held.extents[0] : undefined
    if (lookup.kind !== 'held' || extent === undefined) throw new Error('nothing held')
    expect(memory.read(lookup.held, extent, { start: 0, end: 1000 }).next()).toEqual(body)
  })

  it('lets go first whom its policy names', async () => {
    const eviction = createLru<MemoryOwner>()
    const memory = createMemoryTier({ maxBytes: 8000, maxExtentBytes: 2000, eviction })
    for (const key of ['a', 'b', 'c']) await fill(memory, sampleRepresentation({ key }), sampleBytes(1000))
    const a = memory.lookup('a')
    if (a.kind === 'held') await readRange(memory, a.held, { start: 0, end: 1 })
    await fill(memory, sampleRepresentation({ key: 'd', size: 2000 }), sampleBytes(2000))
    expect(['a', 'b', 'c', 'd'].map((key) => memory.lookup(key).kind)).toEqual(['held', 'absent', 'held', 'held'])
  })

  it('takes nothing larger than its share', () => {
    const memory = createMemoryTier({ maxBytes: 80_000 })
    const begin = (size: number) => memory.begin(sampleRepresentation({ size }), { start: 0, end: size }).kind
    expect([begin(10_000), begin(10_001)]).toEqual(['writer', 'refused'])
  })

  it('never gives away what fills have reserved', () => {
    const memory = createMemoryTier({ maxBytes: 12_000, maxExtentBytes: 9000, maxFillBytes: 12_000 })
    const first = beginFill(memory, sampleRepresentation({ size: 9000 }))
    const begin = () => memory.begin(sampleRepresentation({ key: 'b', size: 5000 }), { start: 0, end: 5000 })
    expect(begin()).toEqual({ kind: 'refused', reason: 'no-space' })
    first.abort()
    expect(begin().kind).toBe('writer')
  })

  it('leaves most of what is held alone while many fills begin, but refuses no single one', () => {
    const memory = createMemoryTier({ maxBytes: 100_000, maxExtentBytes: 60_000 })
    const begin = (key: string, size: number) =>
      memory.begin(sampleRepresentation({ key, size }), { start: 0, end: size })
    const large = begin('a', 50_000)
    expect(begin('b', 1000)).toEqual({ kind: 'refused', reason: 'no-space' })
    if (large.kind === 'writer') large.writer.abort()
    const started = Array.from({ length: 10 }, (_, index) => begin(`k${index}`, 5000).kind)
    expect(started.filter((kind) => kind === 'writer').length).toBe(4)
    expect(memory.usage().memoryBytes).toBeLessThanOrEqual(25_000)
  })

  it('keeps a snapshot readable after its extents have left', async () => {
    const memory = createMemoryTier({ maxBytes: 1e5 })
    await fill(memory, sampleRepresentation(), sampleBytes(1000))
    const lookup = memory.lookup('aws/bucket/object')
    if (lookup.kind === 'absent') throw new Error(lookup.reason)
    await memory.remove('aws/bucket/object')
    const bytes = await readRange(memory, lookup.held, { start: 0, end: 1000 })
    expect(sampleBytes(1000).equals(bytes)).toBe(true)
  })

  it('evicts records without bytes too', async () => {
    const memory = createMemoryTier({ maxBytes: 4000 })
    for (let index = 0; index < 50; index++) {
      expect(await memory.save(sampleRepresentation({ key: `k${index}` }), 1, yes)).toBe(true)
    }
    expect(memory.usage().memoryBytes).toBeLessThanOrEqual(4000)
    expect(memory.lookup('k49').kind).toBe('held')
    expect(memory.lookup('k0').kind).toBe('absent')
  })

  it('gives a whole object as one buffer, the same each time', async () => {
    const memory = createMemoryTier({ maxBytes: 1e6 })
    await fill(memory, sampleRepresentation(), sampleBytes(1000))
    const first = await held(memory, 'aws/bucket/object')
    expect(memory.whole(first)).toEqual(sampleBytes(1000))
    expect(memory.whole(first)).toBe(memory.whole(first))
    memory.refresh(first.representation, 2_000_000)
    const second = await held(memory, 'aws/bucket/object')
    expect(memory.whole(second)).toBe(memory.whole(first))
    expect(second.representation).toBe(first.representation)
  })

  it('gives no part for the whole', async () => {
    const memory = createMemoryTier({ maxBytes: 1e6 })
    await fill(memory, sampleRepresentation(), sampleBytes(1000), { range: { start: 0, end: 999 } })
    expect(memory.whole(await held(memory, 'aws/bucket/object'))).toBeUndefined()
  })

  it('counts one pass over an object as one use, however small the pieces', async () => {
    const uses: string[] = []
    const eviction = createLru<MemoryOwner>()
    const memory = createMemoryTier({ maxBytes: 1e6, eviction: { ...eviction, hit: () => void uses.push('hit') } })
    await fill(memory, sampleRepresentation(), sampleBytes(1000))
    const found = await held(memory, 'aws/bucket/object')
    const pass = async (): Promise<void> => {
      for (let start = 0; start < 1000; start += 100) await readRange(memory, found, { start, end: start + 100 })
    }
    await pass()
    expect(uses.length).toBe(1)
    await pass()
    expect(uses.length).toBe(2)
    await readRange(memory, found, { start: 500, end: 600 })
    await readRange(memory, found, { start: 500, end: 600 })
    expect(uses.length).toBe(4)
  })

  it('keeps bytes charged that have left while they are being read', async () => {
    const memory = createMemoryTier({ maxBytes: 1e6 })
    const size = 100_000
    const sources = []
    for (const key of ['a', 'b', 'c']) {
      await fill(memory, sampleRepresentation({ key, size }), sampleBytes(size))
      const found = await held(memory, key)
      const [extent] = found.extents
      if (extent === undefined) throw new Error('nothing held')
      sources.push(memory.read(found, extent, { start: 0, end: size }))
      await memory.remove(key)
    }
    expect(memory.usage().memoryBytes).toBe(3 * size)
    const [first, second, third] = sources
    expect(first?.next()).toHaveLength(size)
    second?.cancel()
    second?.cancel()
    expect(memory.usage().memoryBytes).toBe(size)
    third?.cancel()
    expect(memory.usage().memoryBytes).toBe(0)
  })

  it('does not give everything up for bytes that readers hold on to', async () => {
    const memory = createMemoryTier({ maxBytes: 1e6, eviction: createLru() })
    const size = 100_000
    for (let index = 0; index < 9; index++) {
      await fill(memory, sampleRepresentation({ key: `k${index}`, size }), sampleBytes(size))
      const found = await held(memory, `k${index}`)
      const [extent] = found.extents
      if (extent !== undefined) memory.read(found, extent, { start: 0, end: size })
    }
    const start = memory.begin(sampleRepresentation({ key: 'new', size }), { start: 0, end: size })
    expect(start).toEqual({ kind: 'refused', reason: 'no-space' })
    expect(memory.usage().memoryEntries).toBeGreaterThanOrEqual(6)
    expect(memory.usage().memoryBytes).toBeLessThanOrEqual(1e6)
  })

  it('does not keep a large network buffer alive for a small object', async () => {
    const memory = createMemoryTier({ maxBytes: 1e6 })
    const network = Buffer.alloc(65_536)
    const writer = beginFill(memory, sampleRepresentation({ size: 100 }))
    writer.write(network.subarray(500, 600))
    await writer.commit(1, yes)
    const lookup = memory.lookup('aws/bucket/object')
    const [extent] = lookup.kind === 'held' ? lookup.held.extents : []
    if (lookup.kind === 'absent' || extent === undefined) throw new Error('nothing held')
    const chunk = memory.read(lookup.held, extent, { start: 0, end: 100 }).next() as Uint8Array
    expect(chunk.buffer.byteLength).toBe(100)
  })

  it('tells its observer what it does', async () => {
    const log: unknown[] = []
    const observer = {
      ...noopObserver,
      read: (...event: unknown[]) => log.push(['read', ...event]),
      written: (...event: unknown[]) => log.push(['written', ...event]),
      evicted: (tier: string) => log.push(['evicted', tier]),
    }
    const memory = createMemoryTier({ maxBytes: 4500, maxExtentBytes: 2000, observer })
    await fill(memory, sampleRepresentation({ key: 'a' }), sampleBytes(1000))
    const lookup = memory.lookup('a')
    if (lookup.kind === 'held') await readRange(memory, lookup.held, { start: 0, end: 10 })
    await fill(memory, sampleRepresentation({ key: 'b' }), sampleBytes(1000))
    expect(log).toEqual([
      ['written', 'memory', 1000],
      ['read', 'memory', 10],
      ['evicted', 'memory'],
      ['written', 'memory', 1000],
    ])
  })
})

/** Hit ratio of a Zipf workload through a tier of `maxBytes`, with things read once mixed in. */
async function hitRatio(policy: EvictionPolicy, coldShare: number): Promise<number> {
  const memory = createMemoryTier({ maxBytes: 400_000, eviction: createEviction(policy) })
  const random = repeatableRandom(7)
  const body = sampleBytes(1000)
  let cold = 0
  let hits = 0
  let hot = 0
  for (let request = 0; request < 40_000; request++) {
    const isCold = request > 10_000 && random() < coldShare
    // Popularity falls with the rank: half of the reads go to about thirty of a thousand keys.
    const key = isCold ? `cold${cold++}` : `hot${Math.floor(1000 ** random())}`
    const lookup = memory.lookup(key)
    const extent = lookup.kind === 'held' ? lookup.held.extents[0] : undefined
    if (!isCold && request > 10_000) hot++
    if (lookup.kind === 'held' && extent !== undefined) {
      memory.read(lookup.held, extent, { start: 0, end: body.length }).next()
      if (!isCold && request > 10_000) hits++
      continue
    }
    const start = memory.begin(sampleRepresentation({ key }), { start: 0, end: body.length })
    if (start.kind === 'refused') throw new Error(start.reason)
    start.writer.writeNow(body)
    start.writer.commitNow(1, yes)
  }
  await memory.close()
  return hits / hot
}

describe('what is read once', () => {
  it('takes little away from what is read often, except with LRU', async () => {
    const loss = async (policy: EvictionPolicy) => (await hitRatio(policy, 0)) - (await hitRatio(policy, 0.6))
    expect(await loss('s3-fifo')).toBeLessThan(0.03)
    expect(await loss('tinylfu')).toBeLessThan(0.06)
    expect(await loss('lru')).toBeGreaterThan(0.15)
  })
})
