import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readAll } from '@s3proxy/protocol'
import { createManualClock, createTempDir, type ManualClock, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore } from '../cache-store.ts'
import { noopObserver } from '../observer.ts'
import { openDisk } from '../testing/open-disk.ts'
import { beginFill, fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { roomOf } from './claims.ts'
import type { FileSystem } from './file-system.ts'
import { nodeFileSystem } from './node-file-system.ts'

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

/** Bytes of the files in the tree, temporaries included. Files and directories may go while it looks. */
async function bytesOnDisk(path = join(dir.path, 'v1')): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    const inner = join(path, entry.name)
    if (entry.isDirectory()) bytes += await bytesOnDisk(inner)
    else bytes += (await stat(inner).catch(() => undefined))?.size ?? 0
  }
  return bytes
}

/** The real file system, and the most bytes its files have had at any moment. */
function trackingFileSystem(): { readonly fs: FileSystem; readonly mostBytes: () => number } {
  const sizes = new Map<string, number>()
  let most = 0
  const fs: FileSystem = {
    ...nodeFileSystem,
    async open(path, mode) {
      const file = await nodeFileSystem.open(path, mode)
      return {
        ...file,
        async write(chunks, position) {
          const count = await file.write(chunks, position)
          sizes.set(path, Math.max(sizes.get(path) ?? 0, position + count))
          most = Math.max(
            most,
            [...sizes.values()].reduce((sum, size) => sum + size, 0),
          )
          return count
        },
      }
    },
    async rename(from, to) {
      await nodeFileSystem.rename(from, to)
      sizes.set(to, sizes.get(from) ?? 0)
      sizes.delete(from)
    },
    async removeFile(path) {
      await nodeFileSystem.removeFile(path)
      sizes.delete(path)
    },
  }
  return { fs, mostBytes: () => most }
}

function object(index: number, size = 200_000) {
  return sampleRepresentation({ key: `object-${index}`, size })
}

async function put(store: CacheStore, index: number, size = 200_000): Promise<string> {
  clock.advance(1000)
  return (await fill(store, object(index, size), sampleBytes(size, index + 1))).kind
}

async function isHeld(store: CacheStore, index: number): Promise<boolean> {
  const lookup = await store.lookup(`object-${index}`)
  return lookup.kind === 'held' && lookup.held.extents.length > 0
}

async function readWhole(store: CacheStore, index: number): Promise<void> {
  await readRange(store, await held(store, `object-${index}`), { start: 0, end: 200_000 })
}

describe('a full cache', () => {
  it('never takes more than its bound, and takes what is new', async () => {
    const store = await openDisk({ directory: dir.path, maxBytes: 2 * mebibyte, now: clock.now })
    for (let index = 0; index < 40; index++) {
      expect(await put(store, index)).toBe('stored')
      expect(store.usage().diskBytes).toBeLessThanOrEqual(2 * mebibyte)
      expect(await bytesOnDisk()).toBeLessThanOrEqual(2 * mebibyte)
    }
    expect(await isHeld(store, 39)).toBe(true)
    expect(await isHeld(store, 0)).toBe(false)
    await store.close()
  })

  it('keeps its bound with many fills at once', async () => {
    const tracked = trackingFileSystem()
    const store = await openDisk({ directory: dir.path, maxBytes: 3 * mebibyte, now: clock.now, fs: tracked.fs })
    for (let round = 0; round < 5; round++) {
      const results = await Promise.all(Array.from({ length: 10 }, (_, index) => put(store, round * 10 + index)))
      expect(results).toEqual(results.map(() => 'stored'))
    }
    expect(tracked.mostBytes()).toBeGreaterThan(1.5 * mebibyte)
    expect(tracked.mostBytes()).toBeLessThanOrEqual(3 * mebibyte)
    await store.close()
  })

  it('lets the least recently used go first', async () => {
    const store = await openDisk({ directory: dir.path, maxBytes: 3 * mebibyte, now: clock.now })
    for (let index = 0; index < 10; index++) await put(store, index)
    for (let index = 10; index < 30; index++) {
      clock.advance(1000)
      await readRange(store, await held(store, 'object-3'), { start: 0, end: 200_000 })
      await put(store, index)
    }
    expect(await isHeld(store, 3)).toBe(true)
    expect(await isHeld(store, 4)).toBe(false)
    expect(await isHeld(store, 29)).toBe(true)
    await store.close()
  })

  it('knows after a restart what was used last', async () => {
    const first = await openDisk({ directory: dir.path, maxBytes: 3 * mebibyte, now: clock.now })
    for (let index = 0; index < 10; index++) await put(first, index)
    clock.advance(10 * 60 * 1000)
    await readRange(first, await held(first, 'object-0'), { start: 0, end: 10 })
    await first.close()
    const second = await openDisk({ directory: dir.path, maxBytes: 3 * mebibyte, now: clock.now, maxIndexBytes: 1 })
    for (let index = 10; index < 16; index++) await put(second, index)
    expect(await isHeld(second, 0)).toBe(true)
    const others = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8, 9].map((index) => isHeld(second, index)))
    expect(others).toContain(false)
    await second.close()
  })

  it('keeps what is used often although a scan is read after it', async () => {
    const store = await openDisk({ directory: dir.path, maxBytes: 3 * mebibyte, now: clock.now })
    for (let index = 0; index < 10; index++) await put(store, index)
    for (let use = 0; use < 8; use++) await readWhole(store, 3)
    for (let index = 100; index < 140; index++) await put(store, index)
    expect(await isHeld(store, 3)).toBe(true)
    expect(await isHeld(store, 4)).toBe(false)
    await store.close()
  })

  it('forgets in time that something was used often', async () => {
    const store = await openDisk({ directory: dir.path, maxBytes: 3 * mebibyte, now: clock.now })
    for (let index = 0; index < 10; index++) await put(store, index)
    for (let use = 0; use < 2; use++) await readWhole(store, 3)
    for (let index = 100; index < 240; index++) await put(store, index)
    expect(await isHeld(store, 3)).toBe(false)
    await store.close()
  })

  it('knows after a restart what was used often', async () => {
    const first = await openDisk({ directory: dir.path, maxBytes: 3 * mebibyte, now: clock.now })
    for (let index = 0; index < 10; index++) await put(first, index)
    clock.advance(10 * 60 * 1000)
    for (let use = 0; use < 16; use++) await readWhole(first, 0)
    clock.advance(10 * 60 * 1000)
    await readWhole(first, 0)
    await first.close()
    const second = await openDisk({ directory: dir.path, maxBytes: 3 * mebibyte, now: clock.now, maxIndexBytes: 1 })
    for (let index = 10; index < 40; index++) {
      clock.advance(60_000)
      await put(second, index)
    }
    expect(await isHeld(second, 0)).toBe(true)
    expect(await isHeld(second, 11)).toBe(false)
    await second.close()
  })

  it('writes no times for each use', async () => {
    let writes = 0
    const fs: FileSystem = {
      ...nodeFileSystem,
      async open(path, mode) {
        const file = await nodeFileSystem.open(path, mode)
        const setTimes = (accessedAt: number, modifiedAt: number) => {
          writes++
          return file.setTimes(accessedAt, modifiedAt)
        }
        return { ...file, setTimes }
      },
    }
    const store = await openDisk({ directory: dir.path, now: clock.now, fs })
    await put(store, 0)
    const before = writes
    for (let use = 0; use < 200; use++) {
      clock.advance(6000)
      await readWhole(store, 0)
    }
    await store.close()
    expect(writes - before).toBeGreaterThan(0)
    expect(writes - before).toBeLessThanOrEqual(4)
  })

  it('makes room for one large object by letting many small ones go', async () => {
    const store = await openDisk({ directory: dir.path, maxBytes: 2 * mebibyte, now: clock.now })
    for (let index = 0; index < 8; index++) await put(store, index)
    expect(await put(store, 99, 1_800_000)).toBe('stored')
    expect(await isHeld(store, 99)).toBe(true)
    expect(await bytesOnDisk()).toBeLessThanOrEqual(2 * mebibyte)
    await store.close()
  })

  it('takes only as much of one large object as is needed', async () => {
    const store = await openDisk({ directory: dir.path, maxBytes: 4 * mebibyte, headroomBytes: 0, now: clock.now })
    const large = sampleRepresentation({ key: 'large', size: 3_600_000 })
    const body = sampleBytes(large.size)
    for (let at = 0; at < large.size; at += 300_000) {
      clock.advance(1000)
      await fill(store, large, body, { range: { start: at, end: at + 300_000 } })
    }
    await put(store, 1)
    await put(store, 2)
    await put(store, 3)
    const { extents } = await held(store, 'large')
    expect(extents.length).toBeGreaterThan(6)
    expect(extents.length).toBeLessThan(12)
    for (const { start, end } of extents) {
      const bytes = await readRange(store, await held(store, 'large'), { start, end })
      expect(body.subarray(start, end).equals(bytes)).toBe(true)
    }
    await store.close()
  })

  it('does not give out the room of a file that is still being read', async () => {
    const store = await openDisk({ directory: dir.path, maxBytes: 2 * mebibyte, now: clock.now })
    const big = object(0, 1_500_000)
    const body = sampleBytes(big.size)
    await fill(store, big, body)
    const found = await held(store, big.key)
    const [extent] = found.extents
    if (extent === undefined) throw new Error('nothing held')
    const source = await store.read(found, extent, { start: 0, end: big.size })
    await store.remove(big.key)
    expect(store.usage().diskBytes).toBeGreaterThan(1_500_000)
    expect(store.begin(object(1, 1_000_000), { start: 0, end: 1_000_000 })).toEqual({
      kind: 'refused',
      reason: 'no-space',
    })
    expect(body.equals(await readAll(source, big.size))).toBe(true)
    await store.close()
    expect(store.usage().diskBytes).toBe(0)
  })

  it('refuses a second fill that could only fit in place of the first', async () => {
    const store = await openDisk({ directory: dir.path, maxBytes: 2 * mebibyte, now: clock.now })
    const first = beginFill(store, object(0, 1_500_000))
    expect(store.begin(object(1, 1_500_000), { start: 0, end: 1_500_000 }).kind).toBe('refused')
    first.abort()
    await store.lookup('anything')
    expect(store.begin(object(1, 1_500_000), { start: 0, end: 1_500_000 }).kind).toBe('writer')
    await store.close()
  })

  it('is counted', async () => {
    let evicted = 0
    const observer = { ...noopObserver, evicted: (_tier: string, bytes: number) => (evicted += bytes) }
    const store = await openDisk({ directory: dir.path, maxBytes: 2 * mebibyte, now: clock.now, observer })
    for (let index = 0; index < 20; index++) await put(store, index)
    expect(evicted).toBeGreaterThan(20 * 200_000 - 2 * mebibyte - 300_000)
    await store.close()
  })
})

describe('bytes already there at the start', () => {
  async function populate(count: number): Promise<number> {
    const store = await openDisk({ directory: dir.path, now: clock.now })
    for (let index = 0; index < count; index++) await put(store, index)
    await put(store, 1000, 700)
    await store.close()
    return store.usage().diskBytes
  }
  /** A store whose first walk over the directory has ended. */
  async function openCounted(options: Parameters<typeof openDisk>[0]): Promise<CacheStore> {
    const walked = Promise.withResolvers<void>()
    const pause = (delayMs: number): Promise<void> => {
      if (delayMs >= 60_000) walked.resolve()
      return new Promise(() => undefined)
    }
    const store = await openDisk({ now: clock.now, pause, ...options })
    await walked.promise
    return store
  }

  it('are known from the account of the last end', async () => {
    const bytes = await populate(5)
    const store = await openDisk({ directory: dir.path, now: clock.now })
    expect(store.usage().diskBytes).toBe(bytes)
    await store.close()
  })

  it('are counted in the background, to the same figure', async () => {
    await populate(12)
    // The count at the start of the first life may have been on the safe side: objects came meanwhile.
    const quiet = await openCounted({ directory: dir.path })
    const bytes = quiet.usage().diskBytes
    expect(bytes).toBeGreaterThan(12 * 200_000)
    await quiet.close()
    await rm(join(dir.path, 'v1', 'ledger'), { recursive: true })
    const store = await openCounted({ directory: dir.path })
    expect(store.usage().diskBytes).toBe(bytes)
    await store.close()
  })

  it('are taken for a full cache as long as nothing is known', async () => {
    await populate(3)
    await rm(join(dir.path, 'v1', 'ledger'), { recursive: true })
    const store = await openDisk({ directory: dir.path, maxBytes: 4 * mebibyte, now: clock.now })
    expect(store.usage().diskBytes).toBe(roomOf(4 * mebibyte, 1))
    await store.close()
  })

  it('leave when the bound has become smaller', async () => {
    await populate(20)
    const before = await bytesOnDisk()
    const shrunk = Promise.withResolvers<void>()
    let evicted = 0
    const observer = {
      ...noopObserver,
      evicted: (_tier: string, bytes: number) => {
        evicted += bytes
        if (evicted >= before - 2 * mebibyte + 20 * 4096) shrunk.resolve()
      },
    }
    const store = await openDisk({ directory: dir.path, maxBytes: 2 * mebibyte, now: clock.now, observer })
    await shrunk.promise
    await store.close()
    expect(await bytesOnDisk()).toBeLessThanOrEqual(2 * mebibyte)
  })
})
