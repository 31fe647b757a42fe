import { createManualClock, createTempDir } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import type { CacheStore } from '../cache-store.ts'
import { noopObserver, type VolumeState } from '../observer.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { createVolumeFloor, type MinFree } from './volume-floor.ts'

const mebibyte = 1024 * 1024

/** A floor over a volume and an account that the test changes; `look` lets it look again, however long that takes. */
function createFloor(minFree: MinFree, headroomBytes = 0) {
  const volume = { freeBytes: 1000, totalBytes: 10_000 }
  const space = { netBytes: 0, reservedBytes: 0 }
  const shortages: number[] = []
  const changes: VolumeState[] = []
  const clock = createManualClock(0)
  let looked = Promise.withResolvers<void>()
  let next = Promise.withResolvers<void>()
  const floor = createVolumeFloor({
    fs: { ...nodeFileSystem, volume: async () => ({ ...volume }) },
    directory: '/v',
    minFree,
    headroomBytes,
    space,
    now: clock.now,
    pause: () => {
      looked.resolve()
      return next.promise
    },
    onShortage: (bytes) => shortages.push(bytes),
    onChange: (state) => changes.push(state),
    onError: () => undefined,
  })
  const look = async (): Promise<void> => {
    looked = Promise.withResolvers<void>()
    next.resolve()
    next = Promise.withResolvers<void>()
    await looked.promise
  }
  const start = async (): Promise<void> => {
    floor.start()
    await looked.promise
  }
  return { floor, volume, space, shortages, changes, clock, look, start, isLooking: () => looked }
}

test('everything fits as long as nothing is known', () => {
  const { floor } = createFloor({ bytes: 10 ** 15 })
  expect([floor.state, floor.fits(10 ** 12), floor.admits()]).toEqual([undefined, true, true])
})

test('what is reserved and what has been written since the last look must leave the floor free', async () => {
  const { floor, space, shortages, start } = createFloor({ bytes: 300 })
  await start()
  expect([floor.fits(700), floor.fits(701)]).toEqual([true, false])
  space.reservedBytes = 400
  space.netBytes = 250
  expect([floor.fits(50), floor.fits(51), floor.admits()]).toEqual([true, false, true])
  space.netBytes = 350
  expect(floor.admits()).toBe(false)
  expect(shortages).toEqual([50])
  await floor.stop()
})

test('a share is one of the whole volume', async () => {
  const { floor, start } = createFloor({ share: 0.05 })
  await start()
  expect(floor.state).toEqual({ freeBytes: 1000, floorBytes: 500, isLow: false })
  await floor.stop()
})

test('falling below the floor and rising above it are told once', async () => {
  const { floor, volume, changes, shortages, look, start } = createFloor({ bytes: 300 }, 100)
  await start()
  volume.freeBytes = 350
  await look()
  expect([changes.length, shortages]).toEqual([0, [50]])
  volume.freeBytes = 200
  await look()
  await look()
  expect(floor.admits()).toBe(false)
  expect(changes).toEqual([{ freeBytes: 200, floorBytes: 300, isLow: true }])
  expect(shortages).toEqual([50, 200, 200, 100])
  volume.freeBytes = 800
  await look()
  expect(changes.map(({ isLow }) => isLow)).toEqual([true, false])
  expect(floor.admits()).toBe(true)
  await floor.stop()
})

test('looks at once when fills come near the floor, but not for each of them', async () => {
  const { floor, volume, clock, start } = createFloor({ bytes: 300 }, 800)
  let looks = 0
  await start()
  Object.defineProperty(volume, 'freeBytes', { enumerable: true, get: () => 1000 + 0 * looks++ })
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  for (let ask = 0; ask < 10; ask++) floor.admits()
  await settle()
  expect(looks).toBe(0)
  clock.advance(250)
  for (let ask = 0; ask < 10; ask++) floor.admits()
  await settle()
  expect(looks).toBe(1)
  await floor.stop()
})

test('a full volume refuses fills, loses what is cached, and is served from all the same', async () => {
  await using dir = await createTempDir()
  const volume = { freeBytes: 100 * mebibyte, totalBytes: 200 * mebibyte }
  const states: boolean[] = []
  let changed = Promise.withResolvers<void>()
  let evicted = 0
  let onEvicted = (): void => undefined
  const observer = {
    ...noopObserver,
    volume: ({ isLow }: VolumeState) => {
      states.push(isLow)
      changed.resolve()
    },
    evicted: (_tier: string, bytes: number) => {
      evicted += bytes
      volume.freeBytes += bytes
      onEvicted()
    },
  }
  let looked = Promise.withResolvers<void>()
  let next = Promise.withResolvers<void>()
  const store = await openDisk({
    directory: dir.path,
    observer,
    minFree: { bytes: 10 * mebibyte },
    headroomBytes: 0,
    fs: { ...nodeFileSystem, volume: async () => ({ ...volume }) },
    pause: (delayMs) => {
      if (delayMs !== 5000) return new Promise(() => undefined)
      looked.resolve()
      return next.promise
    },
  })
  const look = async (): Promise<void> => {
    looked = Promise.withResolvers<void>()
    next.resolve()
    next = Promise.withResolvers<void>()
    await looked.promise
  }
  const put = (index: number) =>
    fill(store, sampleRepresentation({ key: `object-${index}`, size: 200_000 }), sampleBytes(200_000, index))
  for (let index = 0; index < 10; index++) expect((await put(index)).kind).toBe('stored')
  expect(store.usage().volume?.floorBytes).toBe(10 * mebibyte)

  const enough = Promise.withResolvers<void>()
  onEvicted = () => {
    if (evicted >= mebibyte) enough.resolve()
  }
  volume.freeBytes = 9 * mebibyte
  await look()
  await changed.promise
  expect(states).toEqual([true])
  expect(refusal(store)).toBe('no-space')
  await enough.promise
  expect(evicted).toBeLessThan(1.5 * mebibyte)
  const left = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(async (index) => {
    const lookup = await store.lookup(`object-${index}`)
    if (lookup.kind === 'absent') return 0
    const bytes = await readRange(store, await held(store, `object-${index}`), { start: 0, end: 200_000 })
    return sampleBytes(200_000, index).equals(bytes) ? 1 : -1
  })
  const served = await Promise.all(left)
  expect(served).toContain(0)
  expect(served).toContain(1)
  expect(served).not.toContain(-1)

  volume.freeBytes = 50 * mebibyte
  changed = Promise.withResolvers<void>()
  await look()
  expect(states).toEqual([true, false])
  expect((await put(99)).kind).toBe('stored')
  await store.close()
})

function refusal(store: CacheStore): string {
  const start = store.begin(sampleRepresentation({ key: 'new', size: 200_000 }), { start: 0, end: 200_000 })
  return start.kind === 'refused' ? start.reason : 'taken'
}

test('a volume that cannot be asked keeps nothing from being stored', async () => {
  await using dir = await createTempDir()
  const fs = { ...nodeFileSystem, volume: () => Promise.reject(new Error('no such call')) }
  const failures: string[] = []
  const observer = { ...noopObserver, failed: (operation: string) => failures.push(operation) }
  const store = await openDisk({ directory: dir.path, fs, observer, minFree: { share: 0.9 } })
  const stored = await fill(store, sampleRepresentation({ size: 1000 }), sampleBytes(1000))
  expect(stored.kind).toBe('stored')
  expect(failures).toContain('scan')
  await store.close()
})
