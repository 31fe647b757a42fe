import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type ByteSource, type MemoryBudget, minRunBytes, readAll } from '@s3proxy/protocol'
import { createTempDir, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore } from '../cache-store.ts'
import { createFaultyFileSystem } from '../testing/faulty-file-system.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
})
afterEach(async () => {
  await dir.remove()
})

const size = 3_000_000
const body = sampleBytes(size)
const representation = sampleRepresentation({ key: 'large', size })
const whole = { start: 0, end: size }

async function source(store: CacheStore, range = whole): Promise<ByteSource> {
  const found = await held(store, 'large')
  const [extent] = found.extents
  if (extent === undefined) throw new Error('nothing held')
  return await store.read(found, extent, range)
}

async function damage(offset: number): Promise<void> {
  const names = await readdir(dir.path, { recursive: true })
  const file = await open(join(dir.path, names.find((name) => name.endsWith('.x')) ?? ''), 'r+')
  await file.write(Buffer.from([(body[offset] ?? 0) ^ 1]), 0, 1, offset)
  await file.close()
}

describe('a reader', () => {
  it('reads one run ahead of its consumer, and no more', async () => {
    let reads = 0
    const fs = createFaultyFileSystem({
      before: (operation, path) => {
        if (operation === 'read' && path.includes('/v1/tmp/')) reads++
      },
    })
    const store = await openDisk({ directory: dir.path, fs })
    await fill(store, representation, body)
    const reading = await source(store)
    expect(reads).toBe(1)
    await reading.next()
    expect(reads).toBe(2)
    await reading.next()
    expect(reads).toBe(3)
    reading.cancel()
    await store.close()
  })

  it('uses again what it is given back, and never what it is not', async () => {
    const store = await openDisk({ directory: dir.path })
    await fill(store, representation, body)
    const kept: [number, Uint8Array][] = []
    const buffers = new Set<ArrayBufferLike>()
    for (let round = 0; round < 4; round++) {
      const reading = await source(store)
      const other = await source(store, { start: 70_000, end: 2_900_001 })
      let position = 0
      for (let chunk = await reading.next(); chunk !== null; chunk = await reading.next()) {
        expect(body.subarray(position, position + chunk.length).equals(chunk)).toBe(true)
        buffers.add(chunk.buffer)
        if (position === 262_144) {
          kept.push([position, chunk])
        } else {
          reading.recycle?.(chunk)
          // Twice, and to the wrong source: ignored.
          reading.recycle?.(chunk)
          other.recycle?.(chunk)
        }
        position += chunk.length
      }
      expect(body.subarray(70_000, 2_900_001).equals(await readAll(other, size))).toBe(true)
    }
    for (const [position, chunk] of kept) {
      expect(body.subarray(position, position + chunk.length).equals(chunk)).toBe(true)
    }
    // 28 runs in all; those of the other reader are not given back.
    expect(buffers.size).toBeLessThan(20)
    await store.close()
  })

  it('takes a long run only if there is room when its turn to read comes, however many ask at once', async () => {
    const ledger = { used: 0, peak: 0 }
    const budget: MemoryBudget = {
      fits: (bytes) => ledger.used + bytes <= 4 << 20,
      open() {
        let charged = 0
        const hold = (bytes: number): void => {
          ledger.used += bytes - charged
          charged = bytes
          ledger.peak = Math.max(ledger.peak, ledger.used)
        }
        hold(minRunBytes)
        return { hold: (bytes) => hold(Math.max(bytes, minRunBytes)), close: () => hold(0) }
      },
    }
    const store = await openDisk({ directory: dir.path, budget })
    await fill(store, representation, body)
    const readers = await Promise.all(Array.from({ length: 20 }, () => source(store)))
    for (let run = 0; run < 2; run++) await Promise.all(readers.map((reader) => reader.next()))
    expect(ledger.peak).toBeLessThanOrEqual((4 << 20) + 20 * minRunBytes)
    for (const reader of readers) reader.cancel()
    expect(ledger.used).toBe(0)
    await store.close()
  })

  it('checks every block whenever it is read', async () => {
    const store = await openDisk({ directory: dir.path })
    await fill(store, representation, body)
    await readAll(await source(store), size)
    await damage(2_000_000)
    const reading = await source(store)
    await expect(readAll(reading, size)).rejects.toMatchObject({ reason: 'corrupt' })
    await store.close()
  })

  it('checks every block once per opened file, if so asked', async () => {
    const store = await openDisk({ directory: dir.path, verify: 'first-read' })
    await fill(store, representation, body)
    await readAll(await source(store, { start: 0, end: 1_000_000 }), size)
    await damage(2_000_000)
    await readAll(await source(store, { start: 0, end: 1_000_000 }), size)
    await expect(readAll(await source(store), size)).rejects.toMatchObject({ reason: 'corrupt' })
    expect((await held(store, 'large')).extents).toEqual([])
    await store.close()
  })
})

describe('a small object', () => {
  it('is not opened again for each reader while what is remembered of its key is trusted', async () => {
    let opened = 0
    const fs = createFaultyFileSystem({
      before: (operation, path) => {
        if (operation === 'open' && path.endsWith('/record')) opened++
      },
    })
    let now = 1_000_000
    const store = await openDisk({ directory: dir.path, fs, now: () => now, indexMaxAgeMs: 1000 })
    const small = sampleRepresentation({ key: 'small', size: 1000 })
    await fill(store, small, sampleBytes(1000))
    const read = async (): Promise<void> => {
      const bytes = await readRange(store, await held(store, 'small'), { start: 0, end: 1000 })
      expect(sampleBytes(1000).equals(bytes)).toBe(true)
    }
    for (let n = 0; n < 10; n++) await read()
    // Once for the bytes, and once for the note of its use.
    expect(opened).toBeLessThanOrEqual(2)
    opened = 0
    // Others may write to the volume: after that it is looked at again.
    now += 1001
    for (let n = 0; n < 10; n++) await read()
    expect(opened).toBeGreaterThan(0)
    expect(opened).toBeLessThanOrEqual(3)
    await store.close()
  })
})
