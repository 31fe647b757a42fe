import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createManualClock, createTempDir, type ManualClock, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CacheStore } from '../cache-store.ts'
import { noopObserver } from '../observer.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, held, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { createLayout, hashKey } from './layout.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
})
afterEach(async () => {
  await dir.remove()
})

const day = 24 * 3_600_000
const rate = 1 << 20
const keys = ['a', 'b', 'c', 'd', 'e', 'f']
const size = 150_000

async function populate(): Promise<void> {
  const store = await openDisk({ directory: dir.path })
  for (const key of keys) await fill(store, sampleRepresentation({ key, size }), sampleBytes(size))
  await store.close()
}

/** Changes a byte of the extent of `key`. */
async function damage(key: string): Promise<void> {
  const directory = createLayout(dir.path).key(hashKey(key))
  const name = (await readdir(directory)).find((each) => each.endsWith('.x')) ?? ''
  const bytes = await readFile(join(directory, name))
  bytes[140_000] = (bytes[140_000] ?? 0) ^ 1
  await writeFile(join(directory, name), bytes)
}

interface Scrubbing {
  readonly store: CacheStore
  /** Bytes read against their checksums. */
  readonly bytes: () => number
  readonly corrupt: () => number
  /** Rests asked for, and longer than those between files. */
  readonly waits: number[]
}

/** An instance that scrubs on `clock`: each rest moves it on; the long ones count as waits and end after `maxWaits`. */
async function scrubbing(
  clock: ManualClock,
  options: { life?: string; maxWaits?: number; dieAfter?: number } = {},
): Promise<Scrubbing> {
  let bytes = 0
  let corrupt = 0
  const waits: number[] = []
  const done = Promise.withResolvers<void>()
  const observer = {
    ...noopObserver,
    scrubbed: (count: number) => {
      bytes += count
    },
    corrupt: () => {
      corrupt++
    },
  }
  const pause = async (delayMs: number): Promise<void> => {
    // The sweeper, the watch over the volume and the exchange between instances rest for exactly these.
    if ([60_000, 10_000, 5000, 1000, 50].includes(delayMs)) return await new Promise(() => undefined)
    if (bytes > (options.dieAfter ?? Number.POSITIVE_INFINITY)) {
      done.resolve()
      return await new Promise(() => undefined)
    }
    if (delayMs >= 100_000) {
      waits.push(delayMs)
      if (waits.length >= (options.maxWaits ?? 1)) {
        done.resolve()
        return await new Promise(() => undefined)
      }
    }
    clock.advance(delayMs)
  }
  const store = await openDisk({
    directory: dir.path,
    instanceId: options.life ?? 'one',
    now: clock.now,
    observer,
    pause,
    scrubBytesPerSecond: rate,
    scrubIntervalMs: 7 * day,
  })
  await done.promise
  return { store, bytes: () => bytes, corrupt: () => corrupt, waits }
}

const perKey = size + 16 * 1024

it('reads everything at the rate it was given, removes what is damaged and counts it', async () => {
  await populate()
  await damage('c')
  const clock = createManualClock(1_700_000_000_000)
  const { store, bytes, corrupt } = await scrubbing(clock)
  const whole = keys.length * perKey
  expect(bytes()).toBe(whole - size)
  expect(clock.now() - 1_700_000_000_000).toBeGreaterThan((bytes() / rate) * 1000 - 100)
  expect(corrupt()).toBe(1)
  await store.close()
  const again = await openDisk({ directory: dir.path })
  expect((await held(again, 'c')).extents).toEqual([])
  for (const key of keys) if (key !== 'c') expect((await held(again, key)).extents.length).toBe(1)
  await again.close()
})

it('removes a record that cannot be read', async () => {
  await populate()
  await writeFile(createLayout(dir.path).record(hashKey('b')), 'S3PR and more that is no record at all')
  const { store, corrupt } = await scrubbing(createManualClock(1_700_000_000_000))
  await store.close()
  expect(corrupt()).toBe(1)
  expect(await readdir(createLayout(dir.path).bucketOf(hashKey('b'))).catch(() => [])).toEqual([])
})

it('begins again when the interval has passed, not before, also after a restart', async () => {
  await populate()
  const clock = createManualClock(1_700_000_000_000)
  const first = await scrubbing(clock)
  await first.store.close()
  const second = await scrubbing(clock, { maxWaits: 3 })
  expect(second.bytes()).toBe(0)
  await second.store.close()
  clock.advance(7 * day)
  const third = await scrubbing(clock)
  expect(third.bytes()).toBe(keys.length * perKey)
  await third.store.close()
})

it('goes on where it stopped', async () => {
  await populate()
  const clock = createManualClock(1_700_000_000_000)
  const first = await scrubbing(clock, { dieAfter: 2 * perKey })
  await first.store.close()
  const second = await scrubbing(clock)
  expect(first.bytes() + second.bytes()).toBeGreaterThanOrEqual(keys.length * perKey)
  expect(second.bytes()).toBeLessThanOrEqual((keys.length - 2) * perKey)
  await second.store.close()
})

it('leaves a directory to the instance that is at it, and takes over when that is silent', async () => {
  await populate()
  const clock = createManualClock(1_700_000_000_000)
  const one = await scrubbing(clock, { dieAfter: perKey })
  const waiting = await scrubbing(clock, { life: 'two' })
  expect(waiting.bytes()).toBe(0)
  await waiting.store.close()
  clock.advance(200_000)
  const taking = await scrubbing(clock, { life: 'three' })
  expect(taking.bytes()).toBe(keys.length * perKey)
  await taking.store.close()
  await one.store.close()
})
