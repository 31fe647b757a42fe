import assert from 'node:assert/strict'
import { ProxyError, readAll } from '@s3proxy/protocol'
import type { CacheStore, Lookup, Representation } from '../cache-store.ts'
import { sampleBytes } from './store-contract.ts'

/** What a store has been told and has answered: survives a crash of the process that used it. */
export interface CrashLog {
  /** Version `version` of `key`, or nothing of it any more, is what every later reader must find at least. */
  atLeast(key: string, version: number): void
}

/** The least version of each key that may be found; see {@link CrashLog}. */
export type Floors = ReadonlyMap<string, number>

/** A store is used at random, key by key from version 1 on. Bytes and headers follow from key and version. */
export interface WorkloadOptions {
  readonly store: CacheStore
  readonly keys: readonly string[]
  readonly steps: number
  /** Whether nobody else makes versions of these keys: then none may be newer than `versions` says. Default true. */
  readonly alone?: boolean
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly log: CrashLog
  /** The last version of each key so far. Changed. */
  readonly versions: Map<string, number>
}

const sizes = [300, 5000, 70_000, 200_000, 400_000]

/** Version `version` of `key`. */
export function versionOf(key: string, version: number): Representation {
  const size = (sizes[(version * 7 + key.length) % sizes.length] ?? 0) + version
  return { key, etag: `"${key}-${version}"`, size, headers: ['x-amz-meta-version', String(version)], checksums: false }
}

const bodies = new Map<string, Buffer>()

/** The bytes of that version. */
export function versionBytes(key: string, version: number): Buffer {
  const { etag, size } = versionOf(key, version)
  const known = bodies.get(etag)
  if (known !== undefined) return known
  if (bodies.size > 200) bodies.clear()
  const bytes = sampleBytes(size, Number.parseInt(Buffer.from(etag).toString('hex').slice(2, 14), 16) % 2 ** 31)
  bodies.set(etag, bytes)
  return bytes
}

/** Runs some random steps on random keys, one after the other. */
export async function runWorkload(options: WorkloadOptions): Promise<void> {
  const { store, keys, random, now, log, versions } = options
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
  const fill = async (key: string, version: number, share: number, end: 'commit' | 'abort'): Promise<void> => {
    const representation = versionOf(key, version)
    const bytes = versionBytes(key, version)
    const start = share === 1 ? 0 : Math.floor(random() * bytes.length)
    const range = { start, end: share === 1 ? bytes.length : Math.min(bytes.length, start + 60_000) }
    const begun = store.begin(representation, range)
    if (begun.kind === 'refused') return
    const { writer } = begun
    try {
      for (let at = range.start; at < range.end; at += 50_000) {
        await writer.write(bytes.subarray(at, Math.min(at + 50_000, range.end)))
      }
    } catch {
      writer.abort()
      return
    }
    if (end === 'abort') return writer.abort()
    const result = await writer.commit(now(), () => true)
    if (result.kind === 'stored') log.atLeast(key, version)
  }
  for (let step = 0; step < options.steps; step++) {
    const key = pick(keys)
    const version = versions.get(key) ?? 0
    const next = version + 1
    const action = random()
    if (version === 0 || action < 0.3) {
      versions.set(key, next)
      await fill(key, next, random() < 0.7 ? 1 : 0, random() < 0.9 ? 'commit' : 'abort')
    } else if (action < 0.5) {
      await fill(key, version, 0, 'commit')
    } else if (action < 0.6) {
      // What comes after a removal is another version.
      versions.set(key, next)
      await store.remove(key)
      log.atLeast(key, next)
    } else if (action < 0.7) {
      store.refresh(versionOf(key, version), now())
    } else if (action < 0.8) {
      if (await store.save(versionOf(key, version), now(), () => true)) log.atLeast(key, version)
    } else {
      await assertRight(
        key,
        store,
        await store.lookup(key),
        options.alone === false ? Number.POSITIVE_INFINITY : version,
      )
    }
  }
}

/**
 * Reads all that `lookup` found of `key`: it must be a version that there has been, with its own bytes, or fail as a
 * store does. Resolves to the version; undefined for nothing.
 */
export async function assertRight(
  key: string,
  store: CacheStore,
  lookup: Lookup,
  newest: number,
): Promise<number | undefined> {
  if (lookup.kind === 'absent') return undefined
  const { representation } = lookup.held
  const version = Number(/-(\d+)"$/.exec(representation.etag)?.[1])
  assert.deepEqual(representation, versionOf(key, version))
  assert.ok(version <= newest, `${representation.etag} has never been: ${newest} is the newest`)
  const bytes = versionBytes(key, version)
  for (const extent of lookup.held.extents) {
    try {
      const read = await readAll(await store.read(lookup.held, extent, extent), bytes.length)
      assert.ok(bytes.subarray(extent.start, extent.end).equals(read), `wrong bytes under ${representation.etag}`)
    } catch (error) {
      if (!(error instanceof ProxyError) || error.source !== 'store') throw error
    }
  }
  return version
}
