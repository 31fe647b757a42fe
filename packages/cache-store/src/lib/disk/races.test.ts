import { createTempDir, type TempDir } from '@s3proxy/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore, Extent, Lookup } from '../cache-store.ts'
import { createMemoryTier } from '../memory/memory-tier.ts'
import { planRead } from '../plan.ts'
import { createFaultyFileSystem } from '../testing/faulty-file-system.ts'
import { openDisk } from '../testing/open-disk.ts'
import { beginFill, fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { createTieredStore } from '../tiered-store.ts'
import type { FileSystem } from './file-system.ts'
import { nodeFileSystem } from './node-file-system.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
})
afterEach(async () => {
  await dir.remove()
})

const key = 'aws/bucket/object'
/** Versions of one object: entity tag, body. Small ones live in the record. */
const versions = [
  { etag: '"a"', body: sampleBytes(150_000, 1) },
  { etag: '"b"', body: sampleBytes(150_000, 2) },
  { etag: '"c"', body: sampleBytes(900, 3) },
  { etag: '"d"', body: sampleBytes(900, 4) },
].map(({ etag, body }) => ({ representation: sampleRepresentation({ key, etag, size: body.length }), body }))
const [a, b, c, d] = versions as [Version, Version, Version, Version]
type Version = (typeof versions)[number]

/** Reads everything held: every byte must be of the version the entity tag names. Bytes may have gone meanwhile. */
async function expectConsistent(store: CacheStore, lookup: Lookup): Promise<string> {
  if (lookup.kind === 'absent') return 'absent'
  const { representation, extents } = lookup.held
  const version = versions.find(({ representation: { etag } }) => etag === representation.etag)
  if (version === undefined) throw new Error(`unknown version ${representation.etag}`)
  expect(representation.size).toBe(version.body.length)
  for (const segment of planRead({ start: 0, end: representation.size }, extents)) {
    if (segment.kind === 'gap') continue
    const { start, end } = segment.range
    try {
      const bytes = await readRange(store, { ...lookup.held, extents: [segment.extent] }, segment.range)
      expect(version.body.subarray(start, end).equals(bytes)).toBe(true)
    } catch (error) {
      expect(error).toMatchObject({ source: 'store', reason: 'gone' })
    }
  }
  return representation.etag
}

const pairs: readonly [string, Version, Version][] = [
  ['an extent over an extent', a, b],
  ['an embedded object over an extent', a, c],
  ['an extent over an embedded object', c, a],
  ['an embedded object over another', c, d],
]

describe('what another process has stored, once this one has been told of it', () => {
  const half = { start: 0, end: 75_000 }
  const rest = { start: 75_000, end: 150_000 }

  function expectWhole({ extents }: { readonly extents: readonly Extent[] }): void {
    expect(planRead({ start: 0, end: 150_000 }, extents).filter(({ kind }) => kind === 'gap')).toEqual([])
  }

  /** A store whose first look into a directory takes until `go`, and one beside it that has the first half. */
  async function setUpLate() {
    const { promise: released, resolve: go } = Promise.withResolvers<void>()
    const { promise: listed, resolve: onListed } = Promise.withResolvers<void>()
    const fs: FileSystem = {
      ...nodeFileSystem,
      async list(path) {
        const names = await nodeFileSystem.list(path)
        if (path.startsWith(dir.path) && names.some((name) => name.endsWith('.x'))) {
          onListed()
          await released
        }
        return names
      },
    }
    const here = await openDisk({ directory: dir.path, fs })
    const there = await openDisk({ directory: dir.path })
    await fill(there, a.representation, a.body, { range: half })
    return { here, there, listed, go }
  }

  it('is seen by who asks from then on, while the directory is being read', async () => {
    const { here, there, listed, go } = await setUpLate()
    const early = Promise.resolve(here.lookup(key))
    await listed
    await fill(there, a.representation, a.body, { range: rest })
    here.recheck(key)
    const late = held(here, key)
    go()
    expect((await early).kind).toBe('held')
    expectWhole(await late)
    expectWhole(await held(here, key))
    await here.close()
    await there.close()
  })

  it('is not forgotten over a confirmation that began before', async () => {
    const { here, there, listed, go } = await setUpLate()
    here.refresh(a.representation, 3_000_000)
    await listed
    await fill(there, a.representation, a.body, { range: rest })
    here.recheck(key)
    go()
    // After the confirmation, in the key's serial section.
    expect(await here.save(a.representation, 3_000_000, () => true)).toBe(true)
    expectWhole(await held(here, key))
    await here.close()
    await there.close()
  })

  it.each(['knew', 'did not know'])(
    'is seen after a fill here that began before, if this one %s the key',
    async (how) => {
      let between = async (): Promise<void> => undefined
      const fs = createFaultyFileSystem({
        async before(operation, path) {
          if (!['link', 'rename'].includes(operation) || !path.endsWith('.x')) return
          const first = between
          between = async () => undefined
          await first()
        },
      })
      const here = await openDisk({ directory: dir.path, fs })
      const there = await openDisk({ directory: dir.path })
      if (how === 'knew') await here.save(a.representation, 1, () => true)
      const writer = beginFill(here, a.representation, half)
      await writer.write(a.body.subarray(0, 75_000))
      between = async () => {
        await fill(there, a.representation, a.body, { range: rest })
        here.recheck(key)
      }
      expect((await writer.commit(1, () => true)).kind).toBe('stored')
      expectWhole(await held(here, key))
      await here.close()
      await there.close()
    },
  )
})

describe('while a version takes the place of another', () => {
  for (const [what, before, after] of pairs) {
    it(`a lookup at any moment sees one of them (${what})`, async () => {
      let isWatched = false
      let isLooking = false
      const fs = createFaultyFileSystem({
        async before() {
          if (!isWatched || isLooking) return
          isLooking = true
          seen.push(await expectConsistent(store, await store.lookup(key)))
          isLooking = false
        },
      })
      const seen: string[] = []
      const store = await openDisk({ directory: dir.path, fs, indexMaxAgeMs: -1 })
      await fill(store, before.representation, before.body)
      isWatched = true
      await fill(store, after.representation, after.body)
      isWatched = false
      // How many looks fit in depends on how many calls of the file system are under way at once.
      expect(seen.length).toBeGreaterThan(0)
      // Once the new one has been seen the old one never comes back.
      const order = [before.representation.etag, after.representation.etag]
      expect(seen).toEqual([...seen].sort((x, y) => order.indexOf(x) - order.indexOf(y)))
      expect(await expectConsistent(store, await store.lookup(key))).toBe(after.representation.etag)
      await store.close()
    })

    it(`a removal at any moment wins (${what})`, async () => {
      for (let moment = 0; ; moment++) {
        await using volume = await createTempDir()
        let operations = -1
        let removal: Promise<void> | undefined
        const fs = createFaultyFileSystem({
          before: () => {
            if (operations < 0 || operations++ !== moment) return
            removal = store.remove(key)
            expect(store.lookup(key)).toMatchObject({ kind: 'absent' })
          },
        })
        const store: CacheStore = await openDisk({ directory: volume.path, fs })
        await fill(store, before.representation, before.body)
        const writer = beginFill(store, after.representation)
        await writer.write(after.body)
        operations = 0
        await writer.commit(2_000_000, () => true)
        operations = -1
        const happened = removal !== undefined
        await removal
        if (happened) expect((await store.lookup(key)).kind).toBe('absent')
        await store.close()
        const again = await openDisk({ directory: volume.path })
        expect((await again.lookup(key)).kind).toBe(happened ? 'absent' : 'held')
        await again.close()
        if (!happened) break
      }
    })
  }

  it('a directory read before the change does not bring the past back', async () => {
    const first = await openDisk({ directory: dir.path })
    await fill(first, a.representation, a.body)
    await first.close()
    const reading = Promise.withResolvers<void>()
    const resume = Promise.withResolvers<void>()
    let hold = true
    const fs = createFaultyFileSystem({
      before: async (operation, path) => {
        if (!hold || operation !== 'fstat' || !path.endsWith('record')) return
        hold = false
        reading.resolve()
        await resume.promise
      },
    })
    const store = await openDisk({ directory: dir.path, fs })
    const early = Promise.resolve(store.lookup(key))
    await reading.promise
    await fill(store, c.representation, c.body)
    resume.resolve()
    expect(await expectConsistent(store, await early)).toBe('"c"')
    expect(await expectConsistent(store, await store.lookup(key))).toBe('"c"')
    await store.close()
  })
})

describe('any interleaving', () => {
  const step = fc.record({
    kind: fc.constantFrom('fill', 'fill', 'part', 'abort', 'save', 'remove', 'look', 'look', 'refresh'),
    version: fc.nat(3),
    at: fc.nat(5),
  })

  async function play(
    store: CacheStore,
    steps: readonly { kind: string; version: number; at: number }[],
  ): Promise<void> {
    const running: Promise<unknown>[] = []
    for (const { kind, version, at } of steps) {
      const { representation, body } = versions[version] as Version
      const part = { start: Math.floor((body.length * at) / 6), end: Math.floor((body.length * (at + 1)) / 6) }
      if (kind === 'fill') running.push(fill(store, representation, body))
      if (kind === 'part') running.push(fill(store, representation, body, { range: part }))
      if (kind === 'save') running.push(store.save(representation, 1000, () => true))
      if (kind === 'remove') running.push(store.remove(key))
      if (kind === 'refresh') store.refresh(representation, 2000)
      if (kind === 'abort') beginFill(store, representation, part).abort()
      if (kind === 'look') {
        running.push(Promise.resolve(store.lookup(key)).then((lookup) => expectConsistent(store, lookup)))
      }
      if (at === 0) await running.shift()
    }
    await Promise.all(running)
    await expectConsistent(store, await store.lookup(key))
  }

  it('never mixes versions, on disk', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.constantFrom(-1, 1000), async (steps, indexMaxAgeMs) => {
        await using volume = await createTempDir()
        const store = await openDisk({ directory: volume.path, indexMaxAgeMs })
        await play(store, steps)
        await store.close()
        const again = await openDisk({ directory: volume.path })
        await expectConsistent(again, await again.lookup(key))
        await again.close()
      }),
      { numRuns: 60 },
    )
  })

  it('never mixes versions, in memory over disk, and ends the same in both', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.constantFrom(1000, 1e6), async (steps, maxExtentBytes) => {
        await using volume = await createTempDir()
        const disk = await openDisk({ directory: volume.path })
        const memory = createMemoryTier({ maxBytes: 8e6, maxExtentBytes })
        const store = createTieredStore({ memory, disk })
        await play(store, steps)
        const upper = memory.lookup(key)
        const lower = await disk.lookup(key)
        if (upper.kind === 'held' && lower.kind === 'held') {
          expect(upper.held.representation.etag).toBe(lower.held.representation.etag)
        } else {
          expect(upper.kind).toBe('absent')
        }
        await store.close()
      }),
      { numRuns: 60 },
    )
  })
})

describe('two processes on one volume', () => {
  it('see what the other publishes and removes', async () => {
    const one = await openDisk({ directory: dir.path, indexMaxAgeMs: -1 })
    const two = await openDisk({ directory: dir.path, indexMaxAgeMs: -1 })
    await fill(one, a.representation, a.body)
    expect(await expectConsistent(two, await two.lookup(key))).toBe('"a"')
    await fill(two, c.representation, c.body)
    expect(await expectConsistent(one, await one.lookup(key))).toBe('"c"')
    await one.remove(key)
    expect((await two.lookup(key)).kind).toBe('absent')
    await Promise.all([one.close(), two.close()])
  })

  it('publishing at the same time leave one version, whole', async () => {
    const one = await openDisk({ directory: dir.path, indexMaxAgeMs: -1 })
    const two = await openDisk({ directory: dir.path, indexMaxAgeMs: -1 })
    for (let round = 0; round < 10; round++) {
      await Promise.all([
        fill(one, a.representation, a.body),
        fill(two, b.representation, b.body),
        fill(one, d.representation, d.body),
        two.remove(key),
      ])
      const [seenByOne, seenByTwo] = await Promise.all([one.lookup(key), two.lookup(key)])
      expect(await expectConsistent(one, seenByOne)).toBe(await expectConsistent(two, seenByTwo))
    }
    await Promise.all([one.close(), two.close()])
  })

  it('a confirmation does not reach a record that the other has replaced', async () => {
    const one = await openDisk({ directory: dir.path })
    const two = await openDisk({ directory: dir.path })
    await fill(one, a.representation, a.body, { validatedAt: 10_000 })
    await held(one, key)
    await fill(two, b.representation, b.body, { validatedAt: 20_000 })
    one.refresh(a.representation, 900_000)
    await one.close()
    await two.close()
    const later = await openDisk({ directory: dir.path })
    const found = await held(later, key)
    expect([found.representation.etag, found.validatedAt]).toEqual(['"b"', 20_000])
    await later.close()
  })
})
