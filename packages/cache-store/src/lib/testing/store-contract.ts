import assert from 'node:assert/strict'
import { type ByteRange, ProxyError, readAll } from '@s3proxy/protocol'
import type { CacheStore, FillResult, FillWriter, Held, Representation } from '../cache-store.ts'
import { planRead } from '../plan.ts'

/** One promise of the contract and how to prove it. */
export interface ContractCase {
  readonly name: string
  /** Rejects with an assertion error if the store breaks the promise. */
  run(): Promise<void>
}

/** Makes an empty store for one case. It takes extents of 1 MiB at least and 8 MiB in all; it is closed afterwards. */
export type StoreFactory = () => Promise<CacheStore>

/**
 * What every {@link CacheStore} must do, whatever it is made of. Runner-agnostic:
 *
 *     for (const { name, run } of storeContract(create)) test(name, run)
 */
export function storeContract(create: StoreFactory): readonly ContractCase[] {
  return Object.entries(promises).map(([name, prove]) => ({
    name,
    run: async () => {
      const store = await create()
      try {
        await prove(store)
      } finally {
        await store.close()
      }
    },
  }))
}

const yes = (): boolean => true
const no = (): boolean => false

/** Deterministic bytes, different for each seed and at each offset. */
export function sampleBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed >>> 0 || 1
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

/** A representation for tests. */
export function sampleRepresentation(overrides: Partial<Representation> = {}): Representation {
  return {
    key: 'aws/bucket/object',
    etag: '"a"',
    size: 1000,
    headers: ['Content-Type', 'text/plain', 'x-amz-meta-name', 'caf\u00e9'],
    checksums: false,
    ...overrides,
  }
}

/** Starts a fill that must be taken. */
export function beginFill(store: CacheStore, representation: Representation, range?: ByteRange): FillWriter {
  const start = store.begin(representation, range ?? { start: 0, end: representation.size })
  assert.equal(start.kind, 'writer')
  return (start as Extract<typeof start, { kind: 'writer' }>).writer
}

/** Fills `range` of `representation` with the bytes of `body` there, in chunks of `chunkBytes`. */
export async function fill(
  store: CacheStore,
  representation: Representation,
  body: Uint8Array,
  options: { readonly range?: ByteRange; readonly chunkBytes?: number; readonly validatedAt?: number } = {},
): Promise<FillResult> {
  const { range = { start: 0, end: body.length }, chunkBytes = 16_384, validatedAt = 1_000_000 } = options
  const writer = beginFill(store, representation, range)
  for (let at = range.start; at < range.end; at += chunkBytes) {
    await writer.write(body.subarray(at, Math.min(at + chunkBytes, range.end)))
  }
  return await writer.commit(validatedAt, yes)
}

/** What is held; fails if nothing is. */
export async function held(store: CacheStore, key: string): Promise<Held> {
  const lookup = await store.lookup(key)
  assert.equal(lookup.kind, 'held', `${key} should be held`)
  return (lookup as Extract<typeof lookup, { kind: 'held' }>).held
}

/** The bytes of `range`, put together as the gateway would; fails if there is a gap. */
export async function readRange(store: CacheStore, from: Held, range: ByteRange): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (const segment of planRead(range, from.extents)) {
    assert.equal(segment.kind, 'held', `bytes ${segment.range.start} to ${segment.range.end} should be held`)
    if (segment.kind !== 'held') continue
    parts.push(await readAll(await store.read(from, segment.extent, segment.range), range.end - range.start))
  }
  return Buffer.concat(parts)
}

async function assertAbsent(store: CacheStore, key: string): Promise<void> {
  assert.equal((await store.lookup(key)).kind, 'absent', `${key} should be absent`)
}

async function assertHolds(store: CacheStore, key: string, body: Uint8Array, range?: ByteRange): Promise<void> {
  const wanted = range ?? { start: 0, end: body.length }
  const bytes = await readRange(store, await held(store, key), wanted)
  assert.ok(Buffer.from(body).subarray(wanted.start, wanted.end).equals(bytes), 'the bytes should be those filled in')
}

const isStoreError = (error: unknown): boolean => error instanceof ProxyError && error.source === 'store'

const sizes = [1, 1000, 4096, 65_535, 65_536, 65_537, 300_000, 1_000_000]

const promises: Readonly<Record<string, (store: CacheStore) => Promise<void>>> = {
  'a key never filled is absent': async (store) => {
    await assertAbsent(store, 'aws/bucket/none')
  },

  'what was filled is held, byte for byte': async (store) => {
    for (const size of sizes) {
      const representation = sampleRepresentation({ key: `k${size}`, size })
      const body = sampleBytes(size)
      const result = await fill(store, representation, body, { chunkBytes: 10_007, validatedAt: 123_456 })
      assert.deepEqual(result, { kind: 'stored', kept: { start: 0, end: size } })
      const found = await held(store, representation.key)
      assert.deepEqual(found.representation, representation)
      assert.equal(found.validatedAt, 123_456)
      await assertHolds(store, representation.key, body)
    }
  },

  'headers confirmed later outlive a slower fill of the same bytes': async (store) => {
    const body = sampleBytes(1000)
    const before = sampleRepresentation()
    const after = { ...before, headers: ['Content-Type', 'text/plain', 'x-amz-meta-name', 'changed'] }
    await fill(store, before, body, { range: { start: 0, end: 400 }, validatedAt: 10 })
    const writer = beginFill(store, before, { start: 400, end: 1000 })
    await writer.write(body.subarray(400))
    assert.equal(await store.save(after, 20, yes), true)
    await writer.commit(15, yes)
    const found = await held(store, before.key)
    assert.deepEqual([found.representation.headers, found.validatedAt], [after.headers, 20])
    await assertHolds(store, before.key, body)
    await store.save(before, 30, yes)
    assert.deepEqual((await held(store, before.key)).representation.headers, before.headers)
  },

  'any range of an extent reads right': async (store) => {
    const size = 300_000
    const body = sampleBytes(size)
    await fill(store, sampleRepresentation({ size }), body)
    const edges = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_001, 262_144, 299_999, size]
    for (const start of edges) {
      for (const end of edges) if (start < end) await assertHolds(store, 'aws/bucket/object', body, { start, end })
    }
  },

  'chunks of any size make the same extent': async (store) => {
    const body = sampleBytes(200_000)
    for (const chunkBytes of [1, 7, 4095, 65_536, 70_001, 200_000]) {
      const key = `chunks${chunkBytes}`
      const length = chunkBytes < 10 ? 20_000 : body.length
      await fill(store, sampleRepresentation({ key, size: length }), body.subarray(0, length), { chunkBytes })
      await assertHolds(store, key, body.subarray(0, length))
    }
  },

  'ranges of one representation add up': async (store) => {
    const body = sampleBytes(300_000)
    const representation = sampleRepresentation({ size: body.length })
    await fill(store, representation, body, { range: { start: 200_000, end: 300_000 } })
    await fill(store, representation, body, { range: { start: 0, end: 100_000 } })
    const found = await held(store, representation.key)
    assert.deepEqual(
      planRead({ start: 0, end: 300_000 }, found.extents).map(({ kind, range }) => [kind, range.start, range.end]),
      [
        ['held', 0, 100_000],
        ['gap', 100_000, 200_000],
        ['held', 200_000, 300_000],
      ],
    )
    await fill(store, representation, body, { range: { start: 50_000, end: 250_000 } })
    await assertHolds(store, representation.key, body)
    await fill(store, representation, body)
    await assertHolds(store, representation.key, body)
  },

  'the same range again changes nothing that can be seen': async (store) => {
    const body = sampleBytes(100_000)
    const representation = sampleRepresentation({ size: body.length })
    await fill(store, representation, body)
    const before = await held(store, representation.key)
    assert.equal((await fill(store, representation, body, { validatedAt: 2_000_000 })).kind, 'stored')
    await assertHolds(store, representation.key, body)
    assert.equal((await held(store, representation.key)).validatedAt, 2_000_000)
    assert.ok(Buffer.from(body).equals(await readRange(store, before, { start: 0, end: body.length })))
  },

  'a fill that ends early is kept as the shorter extent': async (store) => {
    const body = sampleBytes(150_000)
    const representation = sampleRepresentation({ size: 400_000 })
    const writer = beginFill(store, representation, { start: 100_000, end: 400_000 })
    await writer.write(body)
    assert.deepEqual(await writer.commit(1, yes), { kind: 'stored', kept: { start: 100_000, end: 250_000 } })
    const found = await held(store, representation.key)
    assert.ok(body.equals(await readRange(store, found, { start: 100_000, end: 250_000 })))
    assert.equal(planRead({ start: 250_000, end: 400_000 }, found.extents)[0]?.kind, 'gap')
  },

  'a fill without bytes leaves nothing': async (store) => {
    const result = await beginFill(store, sampleRepresentation()).commit(1, yes)
    assert.deepEqual(result, { kind: 'discarded', reason: 'empty' })
    await assertAbsent(store, 'aws/bucket/object')
  },

  'a vetoed fill leaves nothing, and its guard is asked once': async (store) => {
    for (const size of [1000, 300_000]) {
      const writer = beginFill(store, sampleRepresentation({ size }))
      await writer.write(sampleBytes(size))
      let asked = 0
      const guard = (): boolean => {
        asked++
        return false
      }
      assert.deepEqual(await writer.commit(1, guard), { kind: 'discarded', reason: 'vetoed' })
      assert.equal(asked, 1)
      await assertAbsent(store, 'aws/bucket/object')
    }
  },

  'nothing is visible before commit, nor after abort': async (store) => {
    for (const size of [1000, 1_000_000]) {
      const held = () => {
        const { memoryBytes, memoryEntries, diskBytes } = store.usage()
        return { memoryBytes, memoryEntries, diskBytes }
      }
      const before = held()
      const writer = beginFill(store, sampleRepresentation({ size }))
      await writer.write(sampleBytes(size))
      await assertAbsent(store, 'aws/bucket/object')
      writer.abort()
      writer.abort()
      await assertAbsent(store, 'aws/bucket/object')
      assert.equal((await writer.commit(1, yes)).kind, 'discarded')
      assert.deepEqual(held(), before)
    }
  },

  'a writer takes no more than its range, and nothing after its end': async (store) => {
    const writer = beginFill(store, sampleRepresentation(), { start: 0, end: 10 })
    await assert.rejects(async () => await writer.write(sampleBytes(11)), isStoreError)
    await writer.write(sampleBytes(10))
    await writer.commit(1, yes)
    await assert.rejects(async () => await writer.write(sampleBytes(1)), isStoreError)
  },

  'a growing fill can be read back': async (store) => {
    const body = sampleBytes(1_000_000)
    const writer = beginFill(store, sampleRepresentation({ size: 1_100_000 }), { start: 100_000, end: 1_100_000 })
    const check = async (start: number, end: number): Promise<void> => {
      const bytes = await readAll(writer.read({ start: 100_000 + start, end: 100_000 + end }), end - start)
      assert.ok(body.subarray(start, end).equals(bytes))
    }
    for (let at = 0; at < body.length; at += 50_000) {
      await writer.write(body.subarray(at, at + 50_000))
      await check(0, at + 50_000)
      await check(Math.floor(at / 3), at + 1)
    }
    const early = writer.read({ start: 100_000, end: 1_100_000 })
    assert.equal((await writer.commit(1, yes)).kind, 'stored')
    await check(0, body.length)
    await check(123_456, 654_321)
    assert.ok(body.equals(await readAll(early, body.length)))
  },

  'reading back is bounded by what was written': async (store) => {
    const writer = beginFill(store, sampleRepresentation())
    await writer.write(sampleBytes(10))
    assert.throws(() => writer.read({ start: 0, end: 11 }), isStoreError)
    writer.abort()
  },

  'another entity tag takes the place of the old one at once': async (store) => {
    const old = sampleBytes(100_000, 1)
    const fresh = sampleBytes(90_000, 2)
    await fill(store, sampleRepresentation({ size: old.length }), old)
    await fill(store, sampleRepresentation({ etag: '"b"', size: fresh.length }), fresh.subarray(0, 50_000))
    const found = await held(store, 'aws/bucket/object')
    assert.equal(found.representation.etag, '"b"')
    assert.equal(planRead({ start: 50_000, end: 90_000 }, found.extents)[0]?.kind, 'gap')
    await assertHolds(store, 'aws/bucket/object', fresh, { start: 0, end: 50_000 })
  },

  'another length under the same entity tag is another representation': async (store) => {
    await fill(store, sampleRepresentation({ size: 100 }), sampleBytes(100, 1))
    await fill(store, sampleRepresentation({ size: 200 }), sampleBytes(200, 2))
    await assertHolds(store, 'aws/bucket/object', sampleBytes(200, 2))
  },

  'a reader of the old representation finishes': async (store) => {
    const old = sampleBytes(1_000_000, 1)
    await fill(store, sampleRepresentation({ size: old.length }), old)
    const before = await held(store, 'aws/bucket/object')
    const [extent] = before.extents
    assert.ok(extent !== undefined)
    const source = await store.read(before, extent, { start: 0, end: old.length })
    await fill(store, sampleRepresentation({ etag: '"b"', size: 10 }), sampleBytes(10, 2))
    await store.remove('aws/bucket/object')
    assert.ok(old.equals(await readAll(source, old.length)))
  },

  'two fills of one key: the one committed last is current': async (store) => {
    const a = sampleRepresentation({ size: 100_000 })
    const b = sampleRepresentation({ etag: '"b"', size: 120_000 })
    const first = beginFill(store, a)
    const second = beginFill(store, b)
    await second.write(sampleBytes(120_000, 2))
    await first.write(sampleBytes(100_000, 1))
    const results = await Promise.all([first.commit(1, yes), second.commit(1, yes)])
    assert.deepEqual(
      results.map((result) => result.kind),
      ['stored', 'stored'],
    )
    await assertHolds(store, a.key, sampleBytes(120_000, 2))
    assert.equal((await held(store, a.key)).representation.etag, '"b"')
  },

  'saving makes a representation current without bytes': async (store) => {
    const representation = sampleRepresentation()
    assert.equal(await store.save(representation, 5000, yes), true)
    const found = await held(store, representation.key)
    assert.deepEqual(found.representation, representation)
    assert.equal(found.validatedAt, 5000)
    assert.deepEqual(found.extents, [])
  },

  'saving new headers keeps the bytes; another entity tag drops them': async (store) => {
    for (const size of [1000, 100_000]) {
      const key = `save${size}`
      const body = sampleBytes(size)
      await fill(store, sampleRepresentation({ key, size }), body)
      const renamed = sampleRepresentation({ key, size, headers: ['Content-Type', 'image/png'], checksums: true })
      assert.equal(await store.save(renamed, 2_000_000, yes), true)
      assert.deepEqual((await held(store, key)).representation, renamed)
      await assertHolds(store, key, body)
      assert.equal(await store.save(sampleRepresentation({ key, size, etag: '"b"' }), 3_000_000, yes), true)
      const found = await held(store, key)
      assert.deepEqual([found.representation.etag, found.extents.length], ['"b"', 0])
    }
  },

  'a vetoed save changes nothing': async (store) => {
    const representation = sampleRepresentation()
    await fill(store, representation, sampleBytes(1000))
    assert.equal(await store.save(sampleRepresentation({ etag: '"b"' }), 2, no), false)
    assert.deepEqual((await held(store, representation.key)).representation, representation)
    assert.equal(await store.save(sampleRepresentation({ key: 'other' }), 2, no), false)
    await assertAbsent(store, 'other')
  },

  'an empty object is held without extents': async (store) => {
    const representation = sampleRepresentation({ size: 0 })
    assert.equal(await store.save(representation, 1, yes), true)
    const found = await held(store, representation.key)
    assert.deepEqual(planRead({ start: 0, end: 0 }, found.extents), [])
  },

  'a confirmation counts for its entity tag only, and never backwards': async (store) => {
    const representation = sampleRepresentation({ headers: ['Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'] })
    await fill(store, representation, sampleBytes(1000), { validatedAt: 1_000_000 })
    store.refresh({ ...representation, etag: '"b"' }, 9_000_000)
    // The object copied onto itself: what was confirmed has metadata that is not held.
    store.refresh({ ...representation, headers: ['Last-Modified', 'Thu, 01 Jan 2026 00:00:01 GMT'] }, 9_000_000)
    assert.equal((await held(store, representation.key)).validatedAt, 1_000_000)
    store.refresh({ ...representation, headers: [...representation.headers] }, 3_000_000)
    store.refresh(representation, 2_000_000)
    assert.equal((await held(store, representation.key)).validatedAt, 3_000_000)
    store.refresh(sampleRepresentation({ key: 'never/seen' }), 1)
    await assertAbsent(store, 'never/seen')
  },

  'a removed key is absent at once': async (store) => {
    for (const size of [1000, 300_000]) {
      const representation = sampleRepresentation({ size })
      await fill(store, representation, sampleBytes(size))
      const removed = store.remove(representation.key)
      await assertAbsent(store, representation.key)
      await removed
      await assertAbsent(store, representation.key)
      await store.remove(representation.key)
    }
    const { memoryBytes, diskBytes } = store.usage()
    assert.deepEqual({ memoryBytes, diskBytes }, { memoryBytes: 0, diskBytes: 0 })
  },

  'commit, save, refresh and remove happen in the order they were called': async (store) => {
    const a = sampleRepresentation({ size: 100_000 })
    const b = sampleRepresentation({ etag: '"b"', size: 1000 })
    const first = beginFill(store, a)
    const second = beginFill(store, b)
    await first.write(sampleBytes(100_000))
    await second.write(sampleBytes(1000))
    const early = first.commit(1, yes)
    const removal = store.remove(a.key)
    await assertAbsent(store, a.key)
    const late = second.commit(1_000_000, yes)
    store.refresh(b, 2_000_000)
    await Promise.all([early, removal])
    assert.equal((await late).kind, 'stored')
    await assertHolds(store, a.key, sampleBytes(1000))
    assert.equal((await held(store, a.key)).validatedAt, 2_000_000)
    const third = beginFill(store, a)
    await third.write(sampleBytes(100_000))
    const committed = third.commit(1, yes)
    await store.remove(a.key)
    await committed
    await assertAbsent(store, a.key)
  },

  'keys are bytes: none collides with or escapes to another': async (store) => {
    const keys = [
      'a/../b',
      '../../etc/passwd',
      'a\u0000b',
      'a',
      'A',
      '\u00ff\u00fe',
      'x'.repeat(1024),
      '"',
      '.',
      'a\nb',
      'caf\u00c3\u00a9',
    ]
    for (const [index, key] of keys.entries()) {
      await fill(store, sampleRepresentation({ key, size: 100 + index }), sampleBytes(100 + index, index + 1))
    }
    for (const [index, key] of keys.entries()) await assertHolds(store, key, sampleBytes(100 + index, index + 1))
  },

  'concurrent lookups and reads of one key agree': async (store) => {
    const body = sampleBytes(300_000)
    await fill(store, sampleRepresentation({ size: body.length }), body)
    await Promise.all(Array.from({ length: 20 }, () => assertHolds(store, 'aws/bucket/object', body)))
  },

  'a cancelled source gives its file back and does no harm': async (store) => {
    const body = sampleBytes(1_000_000)
    await fill(store, sampleRepresentation({ size: body.length }), body)
    const found = await held(store, 'aws/bucket/object')
    const [extent] = found.extents
    assert.ok(extent !== undefined)
    const source = await store.read(found, extent, { start: 0, end: body.length })
    await source.next()
    source.cancel()
    source.cancel()
    await assertHolds(store, 'aws/bucket/object', body)
  },

  'a range outside the extent is refused': async (store) => {
    await fill(store, sampleRepresentation(), sampleBytes(1000))
    const found = await held(store, 'aws/bucket/object')
    const [extent] = found.extents
    assert.ok(extent !== undefined)
    await assert.rejects(async () => await store.read(found, extent, { start: 0, end: 1001 }), isStoreError)
  },

  'what can never fit is refused': async (store) => {
    const representation = sampleRepresentation({ size: 2 ** 50 })
    const start = store.begin(representation, { start: 0, end: representation.size })
    assert.deepEqual(start, { kind: 'refused', reason: 'too-large' })
  },

  'usage grows with what is held': async (store) => {
    const before = store.usage()
    await fill(store, sampleRepresentation({ size: 500_000 }), sampleBytes(500_000))
    const after = store.usage()
    const grown = after.memoryBytes + after.diskBytes - before.memoryBytes - before.diskBytes
    assert.ok(grown >= 500_000, `usage grew by ${grown}`)
  },

  'what nobody has asked for yet is held like anything else': async (store) => {
    const body = sampleBytes(200_000)
    const representation = sampleRepresentation({ size: body.length })
    const start = store.begin(representation, { start: 0, end: body.length }, { purpose: 'write' })
    assert.equal(start.kind, 'writer')
    const { writer } = start as Extract<typeof start, { kind: 'writer' }>
    await writer.write(body)
    assert.equal((await writer.commit(1, yes)).kind, 'stored')
    await assertHolds(store, representation.key, body)
  },

  'a closed store refuses everything': async (store) => {
    const representation = sampleRepresentation()
    await fill(store, representation, sampleBytes(1000))
    await store.close()
    await assertAbsent(store, representation.key)
    assert.equal(store.begin(representation, { start: 0, end: 1000 }).kind, 'refused')
    assert.equal(await store.save(representation, 1, yes), false)
    store.refresh(representation, 2)
    await store.remove(representation.key)
    await store.close()
  },
}
