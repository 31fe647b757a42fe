import { createManualClock, createTempDir, type ManualClock, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore, Lookup } from './cache-store.ts'
import { createMemoryTier } from './memory/memory-tier.ts'
import { openDisk } from './testing/open-disk.ts'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from './testing/store-contract.ts'
import { createTieredStore } from './tiered-store.ts'

const key = 'aws/bucket/object'
const old = sampleRepresentation({ size: 5000 })
const fresh = { ...old, etag: '"b"' }
const yes = (): boolean => true

let dir: TempDir
let clock: ManualClock
let alone: boolean
const stores: CacheStore[] = []

/** Another process on the same directory, with memory of its own. */
async function createPeer(): Promise<CacheStore> {
  const { now } = clock
  const disk = await openDisk({
    directory: dir.path,
    now,
    indexMaxAgeMs: 500,
    pause: () => new Promise(() => undefined),
  })
  const memory = createMemoryTier({ maxBytes: 1e6, now })
  const store = createTieredStore({ memory, disk, now, trustMs: () => (alone ? Number.POSITIVE_INFINITY : 500) })
  stores.push(store)
  return store
}

beforeEach(async () => {
  dir = await createTempDir()
  clock = createManualClock()
  alone = false
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  await dir.remove()
})

const put = (store: CacheStore, representation = old, seed = 1) =>
  fill(store, representation, sampleBytes(5000, seed), { validatedAt: clock.now() })

/** What a network-mode hit would be: `undefined` if the origin has to be asked first. */
async function servedWithoutAsking(store: CacheStore): Promise<string | undefined> {
  const lookup: Lookup = await store.lookup(key)
  return lookup.kind === 'held' && lookup.held.validatedAt > 0 ? lookup.held.representation.etag : undefined
}

describe('what another process does to an object in this one’s memory', () => {
  it('overwriting it is seen within the trusted age, and never old bytes under the new entity tag', async () => {
    const [one, two] = [await createPeer(), await createPeer()]
    await put(one)
    clock.advance(100)
    await put(two, fresh, 2)
    for (let elapsed = 0; elapsed <= 1000; elapsed += 100) {
      const found = await held(one, key)
      const seed = found.representation.etag === '"a"' ? 1 : 2
      expect(sampleBytes(5000, seed).equals(await readRange(one, found, { start: 0, end: 5000 }))).toBe(true)
      clock.advance(100)
    }
    expect(await servedWithoutAsking(one)).toBe('"b"')
  })

  it('overwriting it again and again is never missed for longer than that', async () => {
    const [one, two] = [await createPeer(), await createPeer()]
    await put(one)
    for (let version = 0; version < 5; version++) {
      // Lookups just before keep what is remembered as young as it gets.
      clock.advance(900)
      await one.lookup(key)
      const etag = `"v${version}"`
      await put(two, { ...old, etag }, version)
      clock.advance(1001)
      expect(await servedWithoutAsking(one)).toBe(etag)
    }
  })

  it('removing it leaves its bytes as expired, until the origin confirms them', async () => {
    const [one, two] = [await createPeer(), await createPeer()]
    await put(one)
    clock.advance(100)
    await two.remove(key)
    clock.advance(1001)
    const found = await held(one, key)
    expect(found.validatedAt).toBe(0)
    expect(sampleBytes(5000).equals(await readRange(one, found, { start: 0, end: 5000 }))).toBe(true)
    one.refresh(found.representation, clock.now())
    expect(await servedWithoutAsking(one)).toBe('"a"')
    clock.advance(1001)
    expect(await servedWithoutAsking(one)).toBeUndefined()
  })

  it('an overwrite by a process whose clock is behind is not taken for current, and the old one neither', async () => {
    const [one, two] = [await createPeer(), await createPeer()]
    await put(one)
    await fill(two, fresh, sampleBytes(5000, 2), { validatedAt: clock.now() - 60_000 })
    clock.advance(1001)
    expect(await servedWithoutAsking(one)).toBeUndefined()
  })

  it('new headers under the same entity tag arrive', async () => {
    const [one, two] = [await createPeer(), await createPeer()]
    await put(one)
    clock.advance(100)
    const renamed = { ...old, headers: ['Content-Type', 'image/png'] }
    expect(await two.save(renamed, clock.now(), yes)).toBe(true)
    clock.advance(1001)
    expect((await held(one, key)).representation.headers).toEqual(renamed.headers)
    expect(await servedWithoutAsking(one)).toBe('"a"')
  })

  it('confirming it counts here too', async () => {
    const [one, two] = [await createPeer(), await createPeer()]
    await put(one)
    await two.lookup(key)
    clock.advance(5000)
    two.refresh(old, clock.now())
    await two.lookup(key)
    await two.close()
    clock.advance(1001)
    expect((await held(one, key)).validatedAt).toBe(clock.now() - 1001)
  })

  it('is not looked for more often than the trusted age', async () => {
    const one = await createPeer()
    await put(one)
    expect(one.lookup(key)).not.toBeInstanceOf(Promise)
    clock.advance(501)
    await one.lookup(key)
    const first = one.lookup(key)
    expect(first).not.toBeInstanceOf(Promise)
    expect(one.lookup(key)).toBe(first)
  })

  it('is not looked for while this process is alone', async () => {
    const one = await createPeer()
    alone = true
    await put(one)
    clock.advance(1e9)
    expect(one.lookup(key)).not.toBeInstanceOf(Promise)
  })
})
