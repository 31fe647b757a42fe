import { type CacheStore, type EvictionPolicy, noopObserver } from '@s3proxy/cache-store'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from '@s3proxy/cache-store/testing'
import { unlimitedBudget } from '@s3proxy/protocol'
import { expect, test } from 'vitest'
import { openStore } from './open-store.ts'

const body = sampleBytes(1000)

async function open(eviction: EvictionPolicy): Promise<CacheStore> {
  const config = { directory: '/nowhere', maxBytes: 0, memoryBytes: 200_000, eviction }
  const opened = await openStore(config, noopObserver, unlimitedBudget)
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
