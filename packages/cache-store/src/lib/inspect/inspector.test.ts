import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLayout, hashKey } from '../disk/layout.ts'
import { createMemoryTier } from '../memory/memory-tier.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { createTieredStore } from '../tiered-store.ts'
import { type Inspector, openInspector } from './inspector.ts'
import type { KeyReport } from './key-report.ts'
import { coveredBytes } from './survey-key.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
})
afterEach(async () => {
  await dir.remove()
})

const small = sampleRepresentation({ key: 'small', size: 500 })
const large = sampleRepresentation({ key: 'large', size: 400_000 })

async function populate(): Promise<void> {
  const store = await openDisk({ directory: dir.path })
  await fill(store, small, sampleBytes(small.size))
  const body = sampleBytes(large.size)
  await fill(store, large, body, { range: { start: 0, end: 100_000 } })
  await fill(store, large, body, { range: { start: 300_000, end: 400_000 } })
  await store.close()
}

async function inspect(): Promise<Inspector> {
  const opening = await openInspector({ directory: dir.path })
  if (opening.kind === 'refused') throw new Error(opening.message)
  return opening.inspector
}

async function reports(inspector: Inspector): Promise<KeyReport[]> {
  const all: KeyReport[] = []
  let before = 0
  for await (const { report, share } of inspector.keys()) {
    expect(share).toBeGreaterThanOrEqual(before)
    expect(share).toBeLessThan(1)
    before = share
    all.push(report)
  }
  return all
}

/** The file of `key` that ends with `suffix`. */
async function fileOf(key: string, suffix: string): Promise<string> {
  const directory = createLayout(dir.path).key(hashKey(key))
  const name = (await readdir(directory)).find((candidate) => candidate.endsWith(suffix))
  return join(directory, name ?? 'none')
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(path, bytes)
}

describe('openInspector', () => {
  it('refuses what is no cache, and changes nothing', async () => {
    const open = async (directory: string) => {
      const opening = await openInspector({ directory })
      return opening.kind === 'refused' ? opening.reason : opening.kind
    }
    await writeFile(join(dir.path, 'notes'), '')
    expect(await open(join(dir.path, 'none'))).toBe('absent')
    expect(await open(dir.path)).toBe('foreign')
    expect(await open(join(dir.path, 'notes'))).toBe('absent')
    expect(await readdir(dir.path)).toEqual(['notes'])
    await writeFile(join(dir.path, 's3proxy-cache.json'), '{"application":"s3proxy","content":"cache","version":9}')
    expect(await open(dir.path)).toBe('unknown-format')
  })
})

describe('an inspector', () => {
  it('tells what is held of each key', async () => {
    await populate()
    const inspector = await inspect()
    const all = await reports(inspector)
    expect(all.map(({ keyHash }) => keyHash)).toEqual([hashKey('small'), hashKey('large')].sort())
    expect(await inspector.stat('large')).toMatchObject({
      kind: 'entry',
      representation: large,
      validatedAt: 1_000_000,
      heldBytes: 200_000,
      leftovers: 0,
      extents: [
        { start: 0, end: 100_000 },
        { start: 300_000, end: 400_000 },
      ],
    })
    expect(await inspector.stat('small')).toMatchObject({ heldBytes: 500, extents: [{ name: undefined, end: 500 }] })
    expect(await inspector.stat('none')).toBeUndefined()
  })

  it('counts what du counts', async () => {
    await populate()
    let bytes = 0
    // The two directories above each key's belong to no key.
    for (const report of await reports(await inspect())) bytes += report.diskBytes + 2 * 4096
    const store = await openDisk({ directory: dir.path })
    expect(bytes).toBe(store.usage().diskBytes)
    await store.close()
  })

  it('finds every kind of damage, and repairs no more than that', async () => {
    await populate()
    await flip(await fileOf('large', '.0-100000.x'), 70_000)
    await flip(await fileOf('small', 'record'), 100)
    const inspector = await inspect()
    const found = new Map<string, string>()
    for (const report of await reports(inspector)) {
      const damage = await inspector.verify(report)
      found.set(report.keyHash, damage.map(({ message }) => message).join())
      await inspector.repair(report, damage)
    }
    expect(found.get(hashKey('large'))).toBe('the block at 65536 has changed')
    expect(found.get(hashKey('small'))).toBe('record: wrong checksum')
    await inspector.close()
    const store = await openDisk({ directory: dir.path })
    expect((await store.lookup('small')).kind).toBe('absent')
    expect((await held(store, 'large')).extents.map(({ start }) => start)).toEqual([300_000])
    await store.close()
  })

  it('takes extents without a record for unreadable', async () => {
    await populate()
    await rm(await fileOf('large', 'record'))
    const inspector = await inspect()
    expect(await inspector.stat('large')).toMatchObject({ kind: 'unreadable', reason: 'no-record' })
    expect(await inspector.remove(hashKey('large'))).toBeGreaterThan(200_000)
    expect(await inspector.stat('large')).toBeUndefined()
  })

  it('compares the checksum that S3 gave for whole objects, and entity tags when asked to', async () => {
    const store = await openDisk({ directory: dir.path })
    const body = sampleBytes(100_000)
    const summed = { ...large, key: 'summed', size: body.length, headers: ['x-amz-checksum-crc32', 'AAAAAA=='] }
    const tagged = { ...large, key: 'tagged', size: body.length, etag: `"${'0'.repeat(32)}"`, headers: [] }
    await fill(store, summed, body)
    await fill(store, tagged, body)
    await store.close()
    const inspector = await inspect()
    const messages = async (key: string, entityTags: boolean) => {
      const report = await inspector.stat(key)
      if (report === undefined) throw new Error('nothing held')
      return (await inspector.verify(report, { entityTags })).map(({ message }) => message)
    }
    expect(await messages('summed', false)).toEqual(['the crc32 is not the one S3 gave'])
    expect(await messages('tagged', false)).toEqual([])
    expect(await messages('tagged', true)).toEqual(['the md5 is not the one S3 gave'])
  })
})

describe('a removal beside a running instance', () => {
  it('is forgotten by it, in memory too, at its next look at the others', async () => {
    const ticks: (() => void)[] = []
    const pause = (delayMs: number): Promise<void> =>
      new Promise((resolve) => {
        if (delayMs <= 1000) ticks.push(resolve)
      })
    let purged = false
    const memory = createMemoryTier({ maxBytes: 1 << 20 })
    const onPurged = (): void => {
      memory.clear()
      purged = true
    }
    const disk = await openDisk({ directory: dir.path, pause, onPurged, indexMaxAgeMs: Number.POSITIVE_INFINITY })
    const store = createTieredStore({ memory, disk })
    const body = sampleBytes(small.size)
    await fill(store, small, body)
    await fill(store, large, sampleBytes(large.size))
    const usedBytes = store.usage().diskBytes
    const inspector = await inspect()
    await inspector.remove(hashKey('small'))
    await inspector.remove(hashKey('large'))
    expect(body.equals(await readRange(store, await held(store, 'small'), { start: 0, end: 500 }))).toBe(true)
    await inspector.close()
    for (let turn = 0; !purged && turn < 100_000; turn++) {
      for (const tick of ticks.splice(0)) tick()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await store.lookup('small')).kind).toBe('absent')
    expect((await store.lookup('large')).kind).toBe('absent')
    expect(store.usage()).toMatchObject({ memoryBytes: 0, memoryEntries: 0 })
    expect(store.usage().diskBytes).toBeLessThan(usedBytes)
    await store.close()
  })
})

describe('coveredBytes', () => {
  it('counts overlapping bytes once', () => {
    expect(coveredBytes([])).toBe(0)
    expect(
      coveredBytes([
        { start: 0, end: 10 },
        { start: 2, end: 5 },
        { start: 8, end: 12 },
        { start: 20, end: 21 },
      ]),
    ).toBe(13)
  })
})
