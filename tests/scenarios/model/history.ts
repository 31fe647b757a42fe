import { contentOf, partSizesOf } from './content.ts'

/** What a key was from one moment to another. */
export interface Entry {
  /** Position in the key's history, from 0. */
  readonly index: number
  readonly key: number
  /** Undefined: there was no object. */
  readonly object: StoredObject | undefined
  /** The moment at which it became current. */
  readonly fromTick: number
  /** The moment at which the next one did; infinite for the current one. */
  toTick: number
  /** The same on the proxy's clock. */
  toMs: number
}

/** What a client uploads: a version of its key that never was before. */
export interface Version {
  readonly version: number
  readonly content: Buffer
  /** Sizes of the parts it is uploaded in; undefined: in one piece. */
  readonly partSizes: readonly number[] | undefined
  /** With its quotes. */
  readonly etag: string
  /** The object's own Cache-Control, if it has one. */
  readonly cacheControl: string | undefined
}

/** An object as the store holds it. Copying it onto itself gives another one of the same version. */
export interface StoredObject extends Version {
  /** Another one for every entry. */
  readonly lastModified: string
}

/** All that ever was in the store. */
export interface History {
  /** The next moment; every event gets its own. */
  tick(): number
  readonly now: number
  /** The entries of a key, oldest first; there is always one. */
  of(key: number): readonly Entry[]
  current(key: number): Entry
  /** Makes a version of `key`, which is not in the store yet. */
  make(key: number, size: number, cacheControl?: string): Version
  /** `version` becomes current. */
  put(key: number, version: Version): Entry
  /** The current object is copied onto itself; undefined if there is none. */
  touch(key: number): Entry | undefined
  remove(key: number): Entry
  /** The entry that a version began with; undefined if there is no such version, or no more. */
  version(key: number, version: number): Entry | undefined
  /** Deletes a version for good; answers what that made current. */
  removeVersion(key: number, version: number): Entry
  /** Notes that a write through the proxy was answered: from now on nobody may see anything older than `entry`. */
  answered(entry: Entry): void
  /** The oldest entry of a key that a read that begins now may see. */
  floor(key: number): number
}

/** A store with nothing in it. */
export function createHistory(keys: number, nowMs: () => number): History {
  let ticks = 0
  let versions = 0
  const lists: Entry[][] = []
  const floors: number[] = []

  const append = (key: number, object: StoredObject | undefined): Entry => {
    const list = lists[key] ?? []
    lists[key] = list
    const fromTick = ++ticks
    const last = list.at(-1)
    if (last !== undefined) {
      last.toTick = fromTick
      last.toMs = nowMs()
    }
    const entry = { index: list.length, key, object, fromTick, toTick: Infinity, toMs: Infinity }
    list.push(entry)
    return entry
  }
  const current = (key: number): Entry => lists[key]?.at(-1) ?? append(key, undefined)
  const remove = (key: number): Entry => (current(key).object === undefined ? current(key) : append(key, undefined))
  const deleted = new Set<number>()
  /** Whole seconds, as HTTP dates need, and never twice the same. */
  const nextDate = (): string => new Date(Date.UTC(2026, 0, 1) + ticks * 1000).toUTCString()

  for (let key = 0; key < keys; key++) append(key, undefined)
  return {
    tick: () => ++ticks,
    get now() {
      return ticks
    },
    of: (key) => lists[key] ?? [],
    current,
    make(key, size, cacheControl) {
      const version = ++versions
      const partSizes = partSizesOf(version, size)
      const suffix = partSizes === undefined ? '' : `-${partSizes.length}`
      return {
        version,
        content: contentOf(key, version, size),
        partSizes,
        etag: `"k${key}v${version}${suffix}"`,
        cacheControl,
      }
    },
    put: (key, version) => append(key, { ...version, lastModified: nextDate() }),
    touch(key) {
      const { object } = current(key)
      return object === undefined ? undefined : append(key, { ...object, lastModified: nextDate() })
    },
    remove,
    version: (key, version) =>
      deleted.has(version) ? undefined : lists[key]?.find(({ object }) => object?.version === version),
    removeVersion(key, version) {
      deleted.add(version)
      return current(key).object?.version === version ? remove(key) : current(key)
    },
    answered({ key, index }) {
      floors[key] = Math.max(floors[key] ?? 0, index)
    },
    floor: (key) => floors[key] ?? 0,
  }
}
