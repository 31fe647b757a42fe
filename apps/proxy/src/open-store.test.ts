import {
  type CacheStore,
  type EvictionPolicy,
  type MinFree,
  noopObserver,
  type StoreObserver,
} from '@s3proxy/cache-store'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from '@s3proxy/cache-store/testing'
import { unlimitedBudget } from '@s3proxy/protocol'
import { createTempDir } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import { openStore } from './open-store.ts'

const body = sampleBytes(1000)
const told = { budget: unlimitedBudget, onUncached: () => undefined, onCached: () => undefined }

async function open(eviction: EvictionPolicy): Promise<CacheStore> {
  const scrub = { bytesPerSecond: 0, intervalMs: 1 }
  const config = {
    directory: '/nowhere',
    maxBytes: 0,
    memoryBytes: 200_000,
    eviction,
    compression: 'off',
    minFree: { bytes: 0 },
    scrub,
  } as const
  const opened = await openStore({ ...told, config, observer: noopObserver })
  if (opened.kind === 'failed') throw new Error(opened.message)
  return opened.store
}

async function keptAfterScan(eviction: EvictionPolicy): Promise<boolean> {
  const store = await open(eviction)
  await fill(store, sampleRepresentation({ key: 'often' }), body)
  for (let read = 0; read < 4; read++) {
    await readRange(store, await held(store, 'often'), { start: 0, end: body.length })
  }
  for (let index = 0; index < 500; index++) await fill(store, sampleRepresentation({ key: `once${index}` }), body)
  const lookup = await store.lookup('often')
  await store.close()
  return lookup.kind === 'held'
}

test('cache.eviction decides what survives a scan', async () => {
  expect(await keptAfterScan('s3-fifo')).toBe(true)
  expect(await keptAfterScan('tinylfu')).toBe(true)
  expect(await keptAfterScan('lru')).toBe(false)
})

test('cache.compression decides whether what compresses is compressed on disk', async () => {
  const text = Buffer.alloc(300_000, 'the same over and over ')
  const usedBy = async (compression: 'off' | 'zstd', isDone: (bytes: number) => boolean): Promise<number> => {
    await using directory = await createTempDir()
    const config = {
      directory: directory.path,
      maxBytes: 1 << 24,
      memoryBytes: 0,
      eviction: 'lru',
      compression,
      minFree: { bytes: 0 },
      scrub: { bytesPerSecond: 0, intervalMs: 1 },
    } as const
    const opened = await openStore({ ...told, config, observer: noopObserver })
    if (opened.kind === 'failed') throw new Error(opened.message)
    const { store } = opened
    await fill(store, sampleRepresentation({ size: text.length, headers: ['Content-Type', 'text/plain'] }), text)
    while (!isDone(store.usage().diskBytes)) await new Promise((resolve) => setImmediate(resolve))
    const { diskBytes } = store.usage()
    await store.close()
    return diskBytes
  }
  expect(await usedBy('off', () => true)).toBeGreaterThan(300_000)
  expect(await usedBy('zstd', (bytes) => bytes < 100_000)).toBeLessThan(100_000)
})

test('cache.scrub has what is on disk verified', async () => {
  await using dir = await createTempDir()
  const config = {
    directory: dir.path,
    maxBytes: 1 << 24,
    memoryBytes: 0,
    eviction: 'lru',
    compression: 'off',
    minFree: { bytes: 0 },
  } as const
  const open = async (bytesPerSecond: number, observer: StoreObserver): Promise<CacheStore> => {
    const scrub = { bytesPerSecond, intervalMs: 1 }
    const opened = await openStore({ ...told, config: { ...config, scrub }, observer })
    if (opened.kind === 'failed') throw new Error(opened.message)
    return opened.store
  }
  const first = await open(0, noopObserver)
  await fill(first, sampleRepresentation({ key: 'k', size: 100_000 }), sampleBytes(100_000))
  await first.close()
  const scrubbed = Promise.withResolvers<void>()
  const second = await open(2 ** 40, { ...noopObserver, scrubbed: () => scrubbed.resolve() })
  await scrubbed.promise
  await second.close()
})

test('cache.min_free decides whether anything is stored on a volume with too little left', async () => {
  const isLow = async (minFree: MinFree): Promise<boolean> => {
    await using dir = await createTempDir()
    const config = {
      directory: dir.path,
      maxBytes: 1 << 24,
      memoryBytes: 0,
      eviction: 'lru',
      compression: 'off',
    } as const
    const scrub = { bytesPerSecond: 0, intervalMs: 1 }
    const opened = await openStore({ ...told, config: { ...config, scrub, minFree }, observer: noopObserver })
    if (opened.kind === 'failed') throw new Error(opened.message)
    const { store } = opened
    while (store.usage().volume === undefined) await new Promise((resolve) => setImmediate(resolve))
    const start = store.begin(sampleRepresentation({ size: 1000 }), { start: 0, end: 1000 })
    if (start.kind === 'writer') start.writer.abort()
    await store.close()
    return start.kind === 'refused'
  }
  expect(await isLow({ bytes: 0 })).toBe(false)
  expect(await isLow({ bytes: 2 ** 50 })).toBe(true)
})
