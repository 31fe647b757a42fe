import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createManualClock, createTempDir, type ManualClock, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CacheStore } from '../cache-store.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import type { DiskTierOptions } from './disk-tier.ts'
import { createLayout } from './layout.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { readShareHint } from './share-file.ts'
import type { SpaceRule, SpaceRules } from './space-rules.ts'

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

/** Keys that begin with `pinned` stay; those that begin with `few` have a mebibyte. */
const rules: SpaceRules = {
  any: true,
  of(key): SpaceRule {
    return {
      pinned: key.startsWith('pinned'),
      quota: key.startsWith('few') ? { name: 'few/**', bytes: mebibyte } : undefined,
    }
  },
}

async function open(options: Partial<DiskTierOptions> = {}): Promise<CacheStore> {
  return await openDisk({ directory: dir.path, maxBytes: 3 * mebibyte, now: clock.now, spaceRules: rules, ...options })
}

/** A store whose shares have been counted, and which waits from then on. */
async function openCounted(options: Partial<DiskTierOptions> = {}): Promise<CacheStore> {
  let walks = 0
  const walked = Promise.withResolvers<void>()
  const pause = (delayMs: number): Promise<void> => {
    // The count of all bytes and that of the shares.
    if (delayMs >= 60_000 && ++walks === 2) walked.resolve()
    return new Promise(() => undefined)
  }
  const store = await open({ pause, ...options })
  await walked.promise
  return store
}

async function put(store: CacheStore, key: string): Promise<string> {
  clock.advance(1000)
  const start = store.begin(sampleRepresentation({ key, size }), { start: 0, end: size })
  if (start.kind === 'refused') return start.reason
  try {
    await start.writer.write(sampleBytes(size))
  } catch {
    start.writer.abort()
    return 'gave up'
  }
  return (await start.writer.commit(clock.now(), () => true)).kind
}

async function isHeld(store: CacheStore, key: string): Promise<boolean> {
  const lookup = await store.lookup(key)
  return lookup.kind === 'held' && lookup.held.extents.length > 0
}

async function heldOf(store: CacheStore, keys: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(keys.map((key) => isHeld(store, key)))
  return keys.filter((_, index) => answers[index])
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
}

it('what is pinned stays, whatever else comes', async () => {
  const store = await openCounted()
  for (const key of names('pinned', 5)) expect(await put(store, key)).toBe('stored')
  for (const key of names('other', 40)) expect(await put(store, key)).toBe('stored')
  expect(await heldOf(store, names('pinned', 5))).toHaveLength(5)
  expect(await isHeld(store, 'other-39')).toBe(true)
  expect(await isHeld(store, 'other-0')).toBe(false)
  expect(store.usage().shares?.pinnedBytes).toBeGreaterThan(5 * size)
  await store.close()
})

it('what is pinned never makes the cache exceed its bound: fills are refused', async () => {
  const store = await openCounted()
  const results: string[] = []
  for (const key of names('pinned', 30)) {
    results.push(await put(store, key))
    expect(store.usage().diskBytes).toBeLessThanOrEqual(3 * mebibyte)
  }
  expect(results.slice(0, 10)).toEqual(results.slice(0, 10).map(() => 'stored'))
  expect(results.at(-1)).toBe('no-space')
  expect(await heldOf(store, names('pinned', 10))).toHaveLength(10)
  expect(await put(store, 'other')).toBe('no-space')
  expect(sampleBytes(size).equals(await readRange(store, await held(store, 'pinned-3'), { start: 0, end: size }))).toBe(
    true,
  )
  await store.close()
})

it('a key that is pinned can be removed and replaced', async () => {
  const store = await openCounted()
  await put(store, 'pinned')
  const before = store.usage().shares?.pinnedBytes ?? 0
  await fill(store, sampleRepresentation({ key: 'pinned', size, etag: '"new"' }), sampleBytes(size, 2))
  expect(store.usage().shares?.pinnedBytes).toBe(before)
  await store.remove('pinned')
  expect(store.usage().shares?.pinnedBytes).toBe(0)
  await store.close()
})

it('a quota holds, and what has it pushes out only its own', async () => {
  const store = await openCounted()
  for (const key of names('other', 6)) await put(store, key)
  for (const key of names('few', 20)) {
    expect(await put(store, key)).toBe('stored')
    expect(store.usage().shares?.quotas[0]?.usedBytes).toBeLessThanOrEqual(mebibyte)
  }
  expect(await heldOf(store, names('other', 6))).toHaveLength(6)
  expect((await heldOf(store, names('few', 20))).length).toBeLessThanOrEqual(5)
  expect(await isHeld(store, 'few-19')).toBe(true)
  expect(store.usage().shares?.quotas).toMatchObject([{ name: 'few/**', limitBytes: mebibyte }])
  await store.close()
})

it('within a quota the least used leaves', async () => {
  const store = await openCounted()
  for (const key of names('few', 4)) await put(store, key)
  for (let index = 4; index < 12; index++) {
    await readRange(store, await held(store, 'few-1'), { start: 0, end: size })
    await put(store, `few-${index}`)
  }
  expect(await heldOf(store, ['few-0', 'few-1', 'few-2', 'few-11'])).toEqual(['few-1', 'few-11'])
  await store.close()
})

it('what is larger than its quota is not stored', async () => {
  const store = await openCounted({ maxBytes: 8 * mebibyte })
  const start = (key: string) =>
    store.begin(sampleRepresentation({ key, size: 2 * mebibyte }), { start: 0, end: 2 * mebibyte })
  expect(start('few')).toEqual({ kind: 'refused', reason: 'too-large' })
  const other = start('other')
  expect(other.kind).toBe('writer')
  if (other.kind === 'writer') other.writer.abort()
  await store.close()
})

it('many fills at once keep to a quota', async () => {
  const store = await openCounted()
  for (let round = 0; round < 4; round++) {
    await Promise.all(names(`few-${round}`, 8).map((key) => put(store, key)))
    expect(store.usage().shares?.quotas[0]?.usedBytes).toBeLessThanOrEqual(mebibyte)
  }
  const kept = await heldOf(
    store,
    [0, 1, 2, 3].flatMap((round) => names(`few-${round}`, 8)),
  )
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.length).toBeLessThanOrEqual(5)
  await store.close()
})

it('a restart knows what shares take', async () => {
  const first = await openCounted()
  for (const key of [...names('few', 4), ...names('pinned', 3)]) await put(first, key)
  const before = first.usage().shares
  await first.close()
  const hint = await readShareHint(nodeFileSystem, createLayout(dir.path))
  expect(hint.pinnedBytes).toBe(before?.pinnedBytes)
  expect([...hint.quotas]).toEqual([['few/**', before?.quotas[0]?.usedBytes]])
  const second = await openCounted()
  await put(second, 'few-4')
  expect(second.usage().shares?.pinnedBytes).toBe(before?.pinnedBytes)
  for (const key of names('few-more', 6)) expect(await put(second, key)).toBe('stored')
  expect(second.usage().shares?.quotas[0]?.usedBytes).toBeLessThanOrEqual(mebibyte)
  expect((await heldOf(second, [...names('few', 5), ...names('few-more', 6)])).length).toBeLessThanOrEqual(5)
  expect(await heldOf(second, names('pinned', 3))).toHaveLength(3)
  await second.close()
})

it('what was lost of that, and what others have stored, is counted', async () => {
  const first = await openCounted()
  for (const key of [...names('few', 4), ...names('pinned', 3), ...names('other', 3)]) await put(first, key)
  const before = first.usage().shares
  await first.close()
  await rm(join(dir.path, 'v1', 'shares.json'))
  const second = await openCounted()
  await put(second, 'few-4')
  await put(second, 'few-5')
  expect(second.usage().shares?.pinnedBytes).toBe(before?.pinnedBytes)
  expect(second.usage().shares?.quotas[0]?.usedBytes).toBe(before?.quotas[0]?.usedBytes)
  expect(second.usage().shares?.quotas[0]?.usedBytes).toBeLessThanOrEqual(mebibyte)
  await second.close()
})

it('a hint that makes no sense is none', async () => {
  await (await openCounted()).close()
  await writeFile(join(dir.path, 'v1', 'shares.json'), '{"pinnedBytes":-4,"quotas":{"few/**":"much"}}')
  const store = await openCounted()
  expect(await put(store, 'few')).toBe('stored')
  expect(store.usage().shares?.pinnedBytes).toBe(0)
  await store.close()
})

it('without rules no record is read for them, and nothing is said', async () => {
  let asked = 0
  const none: SpaceRules = {
    any: false,
    of: () => {
      asked++
      return { pinned: true, quota: undefined }
    },
  }
  const store = await open({ spaceRules: none })
  for (const key of names('other', 30)) await put(store, key)
  expect(store.usage().shares).toBeUndefined()
  expect(asked).toBe(0)
  await store.close()
})
