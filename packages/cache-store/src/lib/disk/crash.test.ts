import { copyFile, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ProxyError } from '@s3proxy/protocol'
import { createTempDir, type TempDir } from '@s3proxy/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore } from '../cache-store.ts'
import { noopObserver } from '../observer.ts'
import { planRead } from '../plan.ts'
import { createFaultyFileSystem, systemError } from '../testing/faulty-file-system.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
})
afterEach(async () => {
  await dir.remove()
})

const small = sampleRepresentation({ key: 'small', size: 500 })
const large = sampleRepresentation({ key: 'large', size: 200_000 })
const partial = sampleRepresentation({ key: 'partial', size: 400_000 })
const objects = [small, large, partial]

const bodies = new Map(objects.map(({ key, size }) => [key, sampleBytes(size, key.length)]))

function bodyOf(key: string): Buffer {
  return bodies.get(key) ?? Buffer.alloc(0)
}

async function populate(directory: string): Promise<void> {
  const store = await openDisk({ directory })
  await fill(store, small, bodyOf('small'))
  await fill(store, large, bodyOf('large'))
  const body = bodyOf('partial')
  await fill(store, partial, body, { range: { start: 0, end: 100_000 } })
  await fill(store, partial, body, { range: { start: 300_000, end: 400_000 } })
  await store.close()
}

/** Every file of the cache but the marker and what instances tell each other. */
async function files(directory: string): Promise<string[]> {
  const entries = await readdir(join(directory, 'v1'), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !/(ledger|instances)$/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** Puts a file back, even if its directory has gone with it. */
async function restore(path: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
}

/** Reads whatever is held of every object: each byte must be right, or the read must fail as a store does. */
async function expectRightOrAbsent(store: CacheStore): Promise<void> {
  for (const { key, size } of objects) {
    const body = bodyOf(key)
    const lookup = await store.lookup(key)
    if (lookup.kind === 'absent') continue
    expect(lookup.held.representation.size).toBe(size)
    for (const segment of planRead({ start: 0, end: size }, lookup.held.extents)) {
      if (segment.kind === 'gap') continue
      const { start, end } = segment.range
      try {
        const bytes = await readRange(store, { ...lookup.held, extents: [segment.extent] }, segment.range)
        expect(body.subarray(start, end).equals(bytes)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(ProxyError)
        expect((error as ProxyError).source).toBe('store')
      }
    }
  }
}

describe('after a restart', () => {
  it('everything published is still there', async () => {
    await populate(dir.path)
    const store = await openDisk({ directory: dir.path })
    for (const { key, size } of [small, large]) {
      const found = await held(store, key)
      expect(found.validatedAt).toBe(1_000_000)
      expect(bodyOf(key).equals(await readRange(store, found, { start: 0, end: size }))).toBe(true)
    }
    const found = await held(store, 'partial')
    expect(found.extents.map(({ start, end }) => [start, end]).sort()).toEqual([
      [0, 100_000],
      [300_000, 400_000],
    ])
    await store.close()
  })

  it('a confirmation is still known', async () => {
    await populate(dir.path)
    const first = await openDisk({ directory: dir.path })
    await held(first, 'large')
    first.refresh(large, 5_000_000)
    first.refresh(small, 6_000_000)
    await first.close()
    const second = await openDisk({ directory: dir.path })
    expect((await held(second, 'large')).validatedAt).toBe(5_000_000)
    expect((await held(second, 'small')).validatedAt).toBe(6_000_000)
    await second.close()
  })

  it('a record from the future counts as never confirmed', async () => {
    await populate(dir.path)
    const store = await openDisk({ directory: dir.path, now: () => 900_000 })
    expect((await held(store, 'large')).validatedAt).toBe(0)
    await store.close()
  })

  it('a removed key stays removed', async () => {
    await populate(dir.path)
    const first = await openDisk({ directory: dir.path })
    await Promise.all([first.remove('small'), first.remove('large'), first.remove('partial')])
    await first.close()
    expect(await files(dir.path)).toEqual([])
  })
})

describe('damage', () => {
  it('cutting any file short anywhere gives right bytes or none', async () => {
    await populate(dir.path)
    for (const path of await files(dir.path)) {
      const whole = await readFile(path)
      const steps = Math.max(1, Math.floor(whole.length / 25))
      for (let length = 0; length < whole.length; length += steps) {
        await restore(path, whole)
        await truncate(path, length)
        const store = await openDisk({ directory: dir.path })
        await expectRightOrAbsent(store)
        await store.close()
      }
      await restore(path, whole)
    }
  })

  it('changing any byte of any file gives right bytes or none, and is counted', async () => {
    await populate(dir.path)
    for (const path of await files(dir.path)) {
      const whole = await readFile(path)
      for (let at = 0; at < whole.length; at += Math.max(1, Math.floor(whole.length / 20))) {
        const changed = Buffer.from(whole)
        changed[at] = (changed[at] ?? 0) ^ 0x10
        await writeFile(path, changed)
        let corrupt = 0
        const observer = { ...noopObserver, corrupt: () => corrupt++ }
        const store = await openDisk({ directory: dir.path, observer })
        await expectRightOrAbsent(store)
        await store.close()
        expect(corrupt).toBe(1)
        expect(await files(dir.path)).not.toContain(path)
        await restore(path, whole)
      }
    }
  })

  it('any mix of cut, changed, lost and swapped files gives right bytes or none', async () => {
    const damage = fc.record({
      kind: fc.constantFrom('cut', 'flip', 'lose', 'swap', 'copy', 'grow'),
      file: fc.nat(20),
      other: fc.nat(20),
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
        await using volume = await createTempDir()
        await populate(volume.path)
        for (const { kind, file, other, at } of damages) {
          const all = await files(volume.path)
          const path = all[file % all.length]
          const second = all[other % all.length]
          if (path === undefined || second === undefined) continue
          const bytes = await readFile(path)
          const offset = Math.floor(bytes.length * at)
          if (kind === 'cut') await truncate(path, offset)
          if (kind === 'lose') await rm(path)
          if (kind === 'swap' && path !== second) await rename(path, second)
          if (kind === 'copy' && path !== second) await copyFile(path, second)
          if (kind === 'grow') await writeFile(path, Buffer.concat([bytes, bytes.subarray(0, 10)]))
          if (kind === 'flip') {
            bytes[offset] = (bytes[offset] ?? 0) ^ 0xff
            await writeFile(path, bytes)
          }
        }
        const store = await openDisk({ directory: volume.path })
        await expectRightOrAbsent(store)
        await expectRightOrAbsent(store)
        await store.close()
      }),
      { numRuns: 25 },
    )
  })

  it('a bad block removes its extent and nothing else; the range can be filled again', async () => {
    await populate(dir.path)
    const path = (await files(dir.path)).find((name) => name.endsWith('.0-100000.x')) as string
    const bytes = await readFile(path)
    bytes[70_000] = (bytes[70_000] ?? 0) ^ 1
    await writeFile(path, bytes)
    const store = await openDisk({ directory: dir.path })
    const body = bodyOf('partial')
    const found = await held(store, 'partial')
    await expect(readRange(store, found, { start: 0, end: 100_000 })).rejects.toMatchObject({
      code: 'StoreFailed',
      source: 'store',
      reason: 'corrupt',
    })
    expect((await held(store, 'partial')).extents.map(({ start }) => start)).toEqual([300_000])
    await fill(store, partial, body, { range: { start: 0, end: 100_000 } })
    const again = await held(store, 'partial')
    expect(body.subarray(0, 100_000).equals(await readRange(store, again, { start: 0, end: 100_000 }))).toBe(true)
    await store.close()
  })

  it('a bad block behind the first run breaks the source, never ends it cleanly', async () => {
    const representation = sampleRepresentation({ key: 'big', size: 2_000_000 })
    const body = sampleBytes(representation.size)
    const writing = await openDisk({ directory: dir.path })
    await fill(writing, representation, body)
    await writing.close()
    const [path = ''] = (await files(dir.path)).filter((name) => name.endsWith('.x'))
    const bytes = await readFile(path)
    bytes[1_500_000] = (bytes[1_500_000] ?? 0) ^ 1
    await writeFile(path, bytes)
    const store = await openDisk({ directory: dir.path })
    const found = await held(store, 'big')
    const [extent] = found.extents
    if (extent === undefined) throw new Error('nothing held')
    const source = await store.read(found, extent, { start: 0, end: representation.size })
    let read = 0
    const drain = async (): Promise<void> => {
      for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) {
        expect(body.subarray(read, read + chunk.length).equals(chunk)).toBe(true)
        read += chunk.length
      }
    }
    await expect(drain()).rejects.toMatchObject({ reason: 'corrupt' })
    expect(read).toBeLessThan(1_500_000)
    expect((await held(store, 'big')).extents).toEqual([])
    await store.close()
  })
})

describe('a crash', () => {
  /** Publishes `next` over `large`, dying before the given file operation; true if it got to the end. */
  async function dieAt(operation: number, next: typeof large, body: Buffer): Promise<boolean> {
    let count = 0
    let died = false
    const fs = createFaultyFileSystem({
      before: (name) => {
        if (name === 'close') return
        died ||= count++ >= operation
        if (died) throw systemError('EIO')
      },
    })
    const opening = openDisk({ directory: dir.path, fs }).catch(() => undefined)
    const store = await opening
    if (store === undefined) return false
    const start = store.begin(next, { start: 0, end: next.size })
    if (start.kind === 'writer') {
      try {
        await start.writer.write(body)
        await start.writer.commit(2_000_000, () => true)
      } catch {
        start.writer.abort()
      }
    }
    await store.close()
    return !died
  }

  for (const [what, next] of [
    ['an extent', { ...large, etag: '"b"', size: 150_000 }],
    ['an embedded object', { ...large, etag: '"b"', size: 1000 }],
  ] as const) {
    it(`anywhere while ${what} takes the place of an older one leaves the old state or the new`, async () => {
      const oldBody = bodyOf('large')
      const newBody = sampleBytes(next.size, 77)
      for (let operation = 0; ; operation++) {
        await rm(dir.path, { recursive: true, force: true })
        await populate(dir.path)
        const finished = await dieAt(operation, next, newBody)
        const store = await openDisk({ directory: dir.path })
        const lookup = await store.lookup('large')
        if (lookup.kind === 'held') {
          const { etag, size } = lookup.held.representation
          const body = etag === '"b"' ? newBody : oldBody
          expect(size).toBe(body.length)
          for (const segment of planRead({ start: 0, end: size }, lookup.held.extents)) {
            if (segment.kind === 'gap') continue
            const bytes = await readRange(store, lookup.held, segment.range)
            expect(body.subarray(segment.range.start, segment.range.end).equals(bytes)).toBe(true)
          }
        }
        await store.close()
        if (!finished) continue
        expect(lookup.kind === 'held' && lookup.held.representation.etag).toBe('"b"')
        expect(operation).toBeGreaterThan(10)
        break
      }
    })
  }

  it('leaves temporaries, which go when nobody has written to them for long', async () => {
    await populate(dir.path)
    const temporaries = join(dir.path, 'v1', 'tmp')
    const walk = async (now: () => number): Promise<string[]> => {
      const walked = Promise.withResolvers<void>()
      const pause = (delayMs: number): Promise<void> => {
        if (delayMs >= 60_000) walked.resolve()
        return new Promise(() => undefined)
      }
      const store = await openDisk({ directory: dir.path, instanceId: 'worker-1', now, pause, staleMs: 60_000 })
      await walked.promise
      const left = await readdir(temporaries)
      await store.close()
      return left
    }
    await writeFile(join(temporaries, 'worker-1-0a1b2c3d-0'), 'of an earlier life')
    await writeFile(join(temporaries, 'worker-2-0a1b2c3d-0'), 'of another')
    expect(await walk(() => Date.now() + 30_000)).toHaveLength(2)
    expect(await walk(() => Date.now() + 90_000)).toEqual([])
  })
})
