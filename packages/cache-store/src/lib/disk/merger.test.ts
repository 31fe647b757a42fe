import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore, Held } from '../cache-store.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
})
afterEach(async () => {
  await dir.remove()
})

const kibibyte = 1024
const size = 800 * kibibyte
const representation = sampleRepresentation({ size })
const body = sampleBytes(size)

/** Lets background work go on when the test says so; counts how often it is waited for. */
function manualPause() {
  let waiting: (() => void)[] = []
  return {
    pause: () => new Promise<void>((resolve) => waiting.push(resolve)),
    go: () => {
      const resume = waiting
      waiting = []
      for (const next of resume) next()
    },
  }
}

async function fillParts(store: CacheStore, from: number, to: number, partBytes: number): Promise<void> {
  for (let start = from; start < to; start += partBytes) {
    const end = Math.min(start + partBytes, to)
    await fill(store, representation, body, { range: { start, end } })
  }
}

const extentFiles = async (): Promise<string[]> =>
  (await readdir(join(dir.path, 'v1'), { recursive: true })).filter((name) => name.endsWith('.x'))

/** Bytes of all extent files, by what the file system says. */
const extentBytes = async (): Promise<number> => {
  const sizes = (await extentFiles()).map(async (name) => (await stat(join(dir.path, 'v1', name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Lets the background work until the key has so many extents. */
async function untilExtents(store: CacheStore, count: number, go: () => void): Promise<Held> {
  for (;;) {
    go()
    await new Promise((resolve) => setImmediate(resolve))
    const found = await held(store, representation.key)
    if (found.extents.length === count) return found
  }
}

describe('neighbouring extents', () => {
  it('become one file with the same bytes, and take no more room than before', async () => {
    const { pause, go } = manualPause()
    const store = await openDisk({ directory: dir.path, pause })
    await fillParts(store, 0, size, 100 * kibibyte)
    const before = await extentBytes()
    const merged = await untilExtents(store, 1, go)
    expect(merged.extents).toMatchObject([{ start: 0, end: size }])
    expect(body.equals(await readRange(store, merged, { start: 0, end: size }))).toBe(true)
    await store.close()
    expect(await extentFiles()).toHaveLength(1)
    expect(await extentBytes()).toBeLessThanOrEqual(before)
  })

  it('can still be read by who planned with them before', async () => {
    const { pause, go } = manualPause()
    const store = await openDisk({ directory: dir.path, pause, maxIdleFiles: 0 })
    await fillParts(store, 0, size, 100 * kibibyte)
    const before = await held(store, representation.key)
    await untilExtents(store, 1, go)
    for (const extent of before.extents) {
      const bytes = await readRange(store, { ...before, extents: [extent] }, extent)
      expect(body.subarray(extent.start, extent.end).equals(bytes)).toBe(true)
    }
    await store.close()
  })

  it('are left alone where there is no room to spare', async () => {
    const { pause, go } = manualPause()
    const store = await openDisk({ directory: dir.path, pause, maxBytes: size + 300 * kibibyte, headroomBytes: 0 })
    await fillParts(store, 0, size, 100 * kibibyte)
    for (let i = 0; i < 50; i++) {
      go()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await held(store, representation.key)).extents).toHaveLength(8)
    await store.close()
  })

  it('are not merged for an object that has been replaced meanwhile', async () => {
    const { pause, go } = manualPause()
    const store = await openDisk({ directory: dir.path, pause })
    await fillParts(store, 0, size, 100 * kibibyte)
    const newer = sampleRepresentation({ size: 10, etag: '"newer"' })
    await fill(store, newer, sampleBytes(10))
    for (let i = 0; i < 50; i++) {
      go()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await held(store, representation.key)).representation.etag).toBe('"newer"')
    await store.close()
    expect(await extentFiles()).toEqual([])
  })
})
