import { createManualClock, createTempDir, type ManualClock, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore, FillPurpose } from '../cache-store.ts'
import { createMemoryTier } from '../memory/memory-tier.ts'
import { openDisk } from '../testing/open-disk.ts'
import { held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { createTieredStore } from '../tiered-store.ts'
import type { DiskTierOptions } from './disk-tier.ts'
import { createWritten } from './written.ts'

let dir: TempDir
let clock: ManualClock
beforeEach(async () => {
  dir = await createTempDir()
  clock = createManualClock(Date.now())
})
afterEach(async () => {
  await dir.remove()
})

const mebibyte = 1024 * 1024
const size = 200_000

async function open(options: Partial<DiskTierOptions> = {}): Promise<CacheStore> {
  const given = { directory: dir.path, maxBytes: 4 * mebibyte, maxWrittenBytes: mebibyte, now: clock.now }
  return await openDisk({ ...given, ...options })
}

interface PutOptions {
  readonly purpose?: FillPurpose
  readonly etag?: string
  readonly bytes?: number
}

/** Stores an object, and checks that the share is never exceeded. */
async function put(store: CacheStore, key: string, options: PutOptions = {}): Promise<string> {
  const { purpose = 'write', etag = '"a"', bytes = size } = options
  clock.advance(1000)
  const representation = sampleRepresentation({ key, etag, size: bytes })
  const start = store.begin(representation, { start: 0, end: bytes }, { purpose })
  if (start.kind === 'refused') return start.reason
  await start.writer.write(sampleBytes(bytes))
  const { kind } = await start.writer.commit(clock.now(), () => true)
  expect(used(store)).toBeLessThanOrEqual(store.usage().written?.limitBytes ?? 0)
  return kind
}

function used(store: CacheStore): number {
  return store.usage().written?.usedBytes ?? Number.NaN
}

async function read(store: CacheStore, key: string): Promise<void> {
  const bytes = await readRange(store, await held(store, key), { start: 0, end: size })
  expect(sampleBytes(size).equals(bytes)).toBe(true)
}

async function heldOf(store: CacheStore, keys: readonly string[]): Promise<string[]> {
  const lookups = await Promise.all(keys.map((key) => store.lookup(key)))
  return keys.filter((_, index) => lookups[index]?.kind === 'held')
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
}

describe('the share of what is written', () => {
  it('makes room by what was written first, and by nothing of readers', async () => {
    const store = await open()
    for (const key of names('read', 8)) expect(await put(store, key, { purpose: 'read' })).toBe('stored')
    expect(used(store)).toBe(0)
    for (const key of names('written', 30)) expect(await put(store, key)).toBe('stored')
    expect(await heldOf(store, names('read', 8))).toEqual(names('read', 8))
    expect(await heldOf(store, names('written', 30))).toEqual(names('written', 30).slice(26))
    expect(used(store)).toBeGreaterThan(4 * size)
    await store.close()
  })

  it('is left by what is read', async () => {
    const store = await open()
    for (const key of names('written', 4)) await put(store, key)
    const before = used(store)
    await read(store, 'written-1')
    expect(used(store)).toBe(before * 0.75)
    for (const key of names('later', 10)) expect(await put(store, key)).toBe('stored')
    expect(await heldOf(store, names('written', 4))).toEqual(['written-1'])
    await store.close()
  })

  it('is left by what is removed, replaced or filled by readers', async () => {
    const store = await open()
    for (const key of names('written', 4)) await put(store, key)
    const each = used(store) / 4
    await store.remove('written-0')
    expect(used(store)).toBe(3 * each)
    await put(store, 'written-1', { etag: '"b"' })
    expect(used(store)).toBe(3 * each)
    await put(store, 'written-2', { etag: '"b"', purpose: 'read' })
    expect(used(store)).toBe(2 * each)
    await store.close()
  })

  it('is not charged what readers have stored already', async () => {
    const store = await open()
    await put(store, 'key', { purpose: 'read' })
    expect(await put(store, 'key')).toBe('stored')
    expect(used(store)).toBe(0)
    await store.close()
  })

  it('takes objects that live in their record as well', async () => {
    const store = await open({ maxWrittenBytes: 100_000 })
    for (const key of names('small', 40)) expect(await put(store, key, { bytes: 1000 })).toBe('stored')
    expect(used(store)).toBeGreaterThan(0)
    expect(await heldOf(store, ['small-0', 'small-39'])).toEqual(['small-39'])
    await store.close()
  })

  it('refuses what is larger than itself, and what fills under way leave no room for', async () => {
    const store = await open()
    const begin = (key: string, bytes: number) =>
      store.begin(sampleRepresentation({ key, size: bytes }), { start: 0, end: bytes }, { purpose: 'write' })
    expect(begin('large', mebibyte)).toEqual({ kind: 'refused', reason: 'too-large' })
    const first = begin('first', 600_000)
    expect(begin('second', 600_000)).toEqual({ kind: 'refused', reason: 'no-space' })
    if (first.kind === 'writer') first.writer.abort()
    // What was set aside is given back behind the call.
    expect(await heldOf(store, ['first'])).toEqual([])
    expect(begin('third', 600_000).kind).toBe('writer')
    await store.close()
  })

  it('of no bytes takes nothing; by default it is a tenth', async () => {
    const none = await open({ maxWrittenBytes: 0 })
    expect(await put(none, 'key')).toBe('too-large')
    expect(await put(none, 'key', { purpose: 'read' })).toBe('stored')
    await none.close()
    const store = await openDisk({ directory: dir.path, maxBytes: 5_000_000 })
    expect(store.usage().written?.limitBytes).toBe(500_000)
    await store.close()
  })

  it('keeps what is pinned, and refuses fills when nothing else is in it', async () => {
    const spaceRules = { any: true, of: (key: string) => ({ pinned: key.startsWith('pinned'), quota: undefined }) }
    const store = await open({ spaceRules })
    for (const key of [...names('pinned', 2), ...names('other', 6), 'pinned-2', 'pinned-3']) await put(store, key)
    expect(await heldOf(store, names('pinned', 4))).toHaveLength(4)
    expect(await put(store, 'other')).toBe('discarded')
    expect(await heldOf(store, names('pinned', 4))).toHaveLength(4)
    await store.close()
  })

  it('starts empty: what was written before is like what was read', async () => {
    const first = await open()
    for (const key of names('written', 4)) await put(first, key)
    await first.close()
    const second = await open()
    expect(used(second)).toBe(0)
    for (const key of names('later', 8)) await put(second, key)
    expect(await heldOf(second, names('written', 4))).toHaveLength(4)
    await second.close()
  })

  it('is charged below memory too', async () => {
    const disk = await open()
    const store = createTieredStore({ memory: createMemoryTier({ maxBytes: mebibyte }), disk })
    expect(await put(store, 'key')).toBe('stored')
    expect(used(store)).toBeGreaterThan(size)
    await store.close()
  })
})

it('what shrinks in the background stays in the share, what others add to leaves it', async () => {
  const written = createWritten({ maxBytes: mebibyte, evict: () => Promise.resolve(), onError: () => undefined })
  const entry = (recordBytes: number) => ({
    keyHash: '00',
    representation: sampleRepresentation(),
    recordBytes,
    extents: [],
  })
  written.changed(undefined, entry(9000), 'write')
  written.changed(entry(9000), entry(5000))
  expect(written.usedBytes).toBe(3 * 4096)
  written.changed(entry(5000), entry(9000), 'read')
  expect(written.usedBytes).toBe(0)
  await written.stop()
})

it('the share has so many keys at most', async () => {
  const evicted: string[] = []
  const enough = Promise.withResolvers<void>()
  const written = createWritten({
    maxBytes: mebibyte,
    maxKeys: 3,
    evict: async (keyHash, wantedBytes) => {
      expect(wantedBytes).toBe(Number.POSITIVE_INFINITY)
      evicted.push(keyHash)
      // The first cannot leave: it is forgotten instead.
      if (keyHash !== '00') written.leave(keyHash)
      if (evicted.length === 2) enough.resolve()
    },
    onError: enough.reject,
  })
  const add = (keyHash: string): void => {
    written.changed(
      undefined,
      { keyHash, representation: sampleRepresentation(), recordBytes: 100, extents: [] },
      'write',
    )
  }
  for (const keyHash of ['00', '01', '02', '03', '04']) add(keyHash)
  await enough.promise
  await written.stop()
  expect(evicted).toEqual(['00', '01'])
  expect(written.usedBytes).toBe(3 * 8192)
})
