import { readAll } from '@s3proxy/protocol'
import { createTempDir, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore, Held, Lookup } from './cache-store.ts'
import { createMemoryTier, type MemoryTier } from './memory/memory-tier.ts'
import { createFaultyFileSystem, systemError } from './testing/faulty-file-system.ts'
import { openDisk } from './testing/open-disk.ts'
import { beginFill, fill, held, readRange, sampleBytes, sampleRepresentation } from './testing/store-contract.ts'
import { createTieredStore } from './tiered-store.ts'

const key = 'aws/bucket/object'
const yes = (): boolean => true
const size = 300_000
const body = sampleBytes(size)
const representation = sampleRepresentation({ size })
const whole = { start: 0, end: size }

let dir: TempDir
let memory: MemoryTier
let disk: CacheStore
let store: CacheStore
let broken = false

beforeEach(async () => {
  dir = await createTempDir()
  broken = false
  const fs = createFaultyFileSystem({
    before: (operation, path) => {
      if (broken && operation === 'write' && path.includes('/v1/tmp/')) throw systemError('EIO')
    },
  })
  memory = createMemoryTier({ maxBytes: 16e6 })
  disk = await openDisk({ directory: dir.path, fs })
  store = createTieredStore({ memory, disk })
})
afterEach(async () => {
  await store.close()
  await dir.remove()
})

function heldNow(lookup: Lookup | Promise<Lookup>): Held {
  if (lookup instanceof Promise || lookup.kind === 'absent') throw new Error('not held in memory')
  return lookup.held
}

function tiers(found: Held): string[] {
  return found.extents.map(({ tier }) => tier)
}

describe('lookup', () => {
  it('needs no waiting for what memory holds completely', async () => {
    await fill(store, representation, body)
    expect(tiers(heldNow(store.lookup(key)))).toEqual(['memory'])
  })

  it('joins what both hold of one representation', async () => {
    await fill(store, representation, body, { range: { start: 0, end: 100_000 } })
    await memory.remove(key)
    await fill(store, representation, body, { range: { start: 50_000, end: 200_000 } })
    const found = await held(store, key)
    expect(tiers(found).sort()).toEqual(['disk', 'disk', 'memory'])
    const bytes = await readRange(store, found, { start: 0, end: 200_000 })
    expect(body.subarray(0, 200_000).equals(bytes)).toBe(true)
  })

  it('believes the tier that was confirmed later, and mends memory', async () => {
    await fill(memory, representation, body, { range: { start: 0, end: 1000 }, validatedAt: 1000 })
    await fill(disk, { ...representation, etag: '"b"' }, body, { validatedAt: 2000 })
    expect((await held(store, key)).representation.etag).toBe('"b"')
    expect(memory.lookup(key).kind).toBe('absent')
    await fill(memory, representation, body, { range: { start: 0, end: 1000 }, validatedAt: 3000 })
    expect((await held(store, key)).representation.etag).toBe('"a"')
  })
})

describe('promotion', () => {
  it('takes what was read from disk to the end', async () => {
    await fill(disk, representation, body)
    await readRange(store, await held(store, key), { start: 1000, end: 200_000 })
    expect(memory.usage().memoryEntries).toBe(1)
    await readRange(store, await held(store, key), whole)
    const found = heldNow(store.lookup(key))
    expect(tiers(found)).toEqual(['memory'])
    expect(body.equals(await readRange(store, found, whole))).toBe(true)
  })

  it('takes nothing that was not read to the end, nor what is too large', async () => {
    await fill(disk, representation, body)
    const found = await held(store, key)
    const [extent] = found.extents
    if (extent === undefined) throw new Error('nothing held')
    const source = await store.read(found, extent, whole)
    await source.next()
    source.cancel()
    expect(memory.usage()).toMatchObject({ memoryBytes: 0, memoryEntries: 0 })
    const frugal = createTieredStore({ memory, disk, promoteMaxBytes: 1000 })
    await readRange(frugal, await held(frugal, key), whole)
    expect(memory.usage().memoryEntries).toBe(0)
  })

  it('copies a range once, however many read it', async () => {
    await fill(disk, representation, body)
    const found = await held(store, key)
    const [extent] = found.extents
    if (extent === undefined) throw new Error('nothing held')
    const readers = await Promise.all(Array.from({ length: 5 }, () => store.read(found, extent, whole)))
    const reserved = memory.usage().memoryBytes
    expect(reserved).toBeGreaterThan(size)
    expect(reserved).toBeLessThan(2 * size)
    for (const reader of readers) expect(body.equals(await readAll(reader, size))).toBe(true)
    expect(memory.usage().memoryEntries).toBe(1)
  })

  for (const [what, change] of [
    ['removed', async () => await store.remove(key)],
    ['replaced', async () => await fill(store, { ...representation, etag: '"b"' }, sampleBytes(size, 9))],
    ['replaced without bytes', async () => await store.save({ ...representation, etag: '"b"' }, 2_000_000, yes)],
  ] as const) {
    it(`does not bring back what was ${what} while it was read`, async () => {
      await fill(disk, representation, body)
      const found = await held(store, key)
      const [extent] = found.extents
      if (extent === undefined) throw new Error('nothing held')
      const source = await store.read(found, extent, whole)
      await source.next()
      await change()
      await readAll(source, size)
      const lookup = await store.lookup(key)
      expect(lookup.kind === 'held' ? lookup.held.representation.etag : 'absent').not.toBe('"a"')
      const inMemory = memory.lookup(key)
      expect(inMemory.kind === 'held' ? inMemory.held.representation.etag : 'absent').not.toBe('"a"')
    })
  }

  it('does not bring back what is being replaced while it is read', async () => {
    await fill(disk, representation, body)
    const found = await held(store, key)
    const [extent] = found.extents
    if (extent === undefined) throw new Error('nothing held')
    const source = await store.read(found, extent, whole)
    const first = await source.next()
    const fresh = { ...representation, etag: '"b"' }
    const writer = beginFill(store, fresh)
    await writer.write(sampleBytes(size, 9))
    const asked = Promise.withResolvers<void>()
    const committed = writer.commit(2_000_000, () => {
      queueMicrotask(asked.resolve)
      return true
    })
    await asked.promise
    // The new one is in memory, the old one still on disk: this is the moment.
    await readAll(source, size - (first?.length ?? 0))
    expect(memory.lookup(key)).toMatchObject({ held: { representation: { etag: '"b"' } } })
    await committed
    expect((await held(store, key)).representation.etag).toBe('"b"')
  })
})

describe('a disk that fails', () => {
  it('while a fill goes on leaves it to memory', async () => {
    broken = true
    expect((await fill(store, representation, body)).kind).toBe('stored')
    expect((await disk.lookup(key)).kind).toBe('absent')
    const found = heldNow(store.lookup(key))
    expect(body.equals(await readRange(store, found, whole))).toBe(true)
  })

  it('does not let an older representation on disk come before a newer one in memory', async () => {
    await fill(store, representation, body, { validatedAt: 1000 })
    broken = true
    const fresh = { ...representation, etag: '"b"' }
    await fill(store, fresh, body, { range: { start: 0, end: 1000 }, validatedAt: 2000 })
    expect((await held(store, key)).representation.etag).toBe('"b"')
  })

  it('makes a fill that memory does not take fail', async () => {
    const frugal = createTieredStore({ memory: createMemoryTier({ maxBytes: 16e6, maxExtentBytes: 10 }), disk })
    broken = true
    const writer = beginFill(frugal, representation)
    await writer.write(body)
    expect(await writer.commit(1, yes)).toEqual({ kind: 'discarded', reason: 'failed' })
    expect((await frugal.lookup(key)).kind).toBe('absent')
  })

  it('does not undo a removal that came while it failed', async () => {
    broken = true
    const writer = beginFill(store, representation)
    await writer.write(body)
    const committed = writer.commit(1, yes)
    await store.remove(key)
    await committed
    expect((await store.lookup(key)).kind).toBe('absent')
    const saved = store.save(representation, 1, yes)
    await store.remove(key)
    await saved
    expect((await store.lookup(key)).kind).toBe('absent')
  })

  it('does not undo a later fill that came while it failed', async () => {
    const writer = beginFill(store, representation)
    await writer.write(body)
    broken = true
    const early = writer.commit(1, yes)
    const small = sampleRepresentation({ etag: '"b"', size: 10 })
    const late = memory.save(small, 2, yes)
    const later = fill(store, small, sampleBytes(10))
    await Promise.all([early, late, later])
    expect((await held(store, key)).representation.etag).toBe('"b"')
  })
})

describe('a representation that memory cannot take', () => {
  it('pushes the older one out of memory all the same', async () => {
    const frugal = createMemoryTier({ maxBytes: 16e6, maxExtentBytes: 1000 })
    const tiered = createTieredStore({ memory: frugal, disk })
    await fill(tiered, sampleRepresentation({ size: 500 }), sampleBytes(500))
    expect(frugal.lookup(key).kind).toBe('held')
    await fill(tiered, { ...representation, etag: '"b"' }, body)
    expect(frugal.lookup(key).kind).toBe('absent')
    expect((await held(tiered, key)).representation.etag).toBe('"b"')
  })
})

describe('usage', () => {
  it('is that of both', async () => {
    await fill(store, representation, body)
    const { memoryBytes, memoryEntries, diskBytes } = store.usage()
    expect(memoryBytes).toBeGreaterThan(size)
    expect(memoryEntries).toBe(1)
    expect(diskBytes).toBeGreaterThan(size)
  })
})
