import { close, fstat, open, read } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { measureRate, type Rate } from '../lib/rate.ts'
import { noBackground, openStore } from './open.ts'
import { createPicker, smallKey } from './small-objects.ts'

/**
 * - `known`: of 10,000 objects that the process remembers
 * - `disk`: of any object, each by a look at the directory
 * - `absent`: of objects that are not there
 * - `plain`: no lookup, a loop that opens, stats, reads and closes record files: what the file system makes of their number
 */
export type LookupKind = 'known' | 'disk' | 'absent' | 'plain'

export interface LookupQuestion {
  readonly kind: 'lookups'
  readonly what: LookupKind
  readonly directory: string
  /** Objects in the directory. */
  readonly count: number
  readonly seconds: number
}

/** Objects the `known` lookups go to. */
const workingSet = 10_000

/** Lookups between two looks at the clock. */
const batch = 100

/** Lookups at a time. */
const inFlight = 8

export async function measureLookups(question: LookupQuestion): Promise<Rate> {
  const { what, seconds } = question
  const { work, end } = what === 'plain' ? await overFiles(question) : await overStore(question)
  await measureRate({ seconds: seconds / 2, inFlight, work })
  const rate = await measureRate({ seconds, inFlight, work })
  await end()
  return rate
}

interface Prepared {
  readonly work: () => Promise<number>
  readonly end: () => Promise<void>
}

async function overStore({ what, directory, count }: LookupQuestion): Promise<Prepared> {
  const indexMaxAgeMs = what === 'known' ? Number.POSITIVE_INFINITY : -1
  const store = await openStore({ directory, indexMaxAgeMs, pause: noBackground })
  const pick = createPicker(count)
  const expected = what === 'absent' ? 'absent' : 'held'
  const known = Array.from({ length: Math.min(workingSet, count) }, () => smallKey(pick()))
  if (what === 'known') for (const key of known) await store.lookup(key)
  const next = (): string => {
    if (what === 'known') return known[pick() % known.length] ?? ''
    return what === 'absent' ? `${smallKey(pick())}-` : smallKey(pick())
  }
  const lookSome = async (): Promise<number> => {
    for (let index = 0; index < batch; index++) {
      const lookup = store.lookup(next())
      const { kind } = lookup instanceof Promise ? await lookup : lookup
      if (kind !== expected) throw new Error(`a lookup found what is ${kind}`)
    }
    return batch
  }
  return { work: lookSome, end: () => store.close() }
}

/** Record files that the plain loop goes to, at most: enough to be as many different ones as the loop reads. */
const plainFiles = 50_000

async function overFiles({ directory, count }: LookupQuestion): Promise<Prepared> {
  const root = join(directory, 'v1')
  const records: string[] = []
  // Anywhere in the tree: the names are hashes.
  for (const shard of (await readdir(root)).filter((name) => name.length === 2)) {
    for (const bucket of await readdir(join(root, shard))) {
      const keys = await readdir(join(root, shard, bucket))
      for (const key of keys) records.push(join(root, shard, bucket, key, 'record'))
    }
    if (records.length >= plainFiles) break
  }
  const pick = createPicker(Math.min(records.length, count))
  const work = async (): Promise<number> => {
    for (let index = 0; index < batch; index++) await readRecord(records[pick()] ?? '')
    return batch
  }
  return { work, end: () => Promise.resolve() }
}

function readRecord(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    open(path, 'r', (cannotOpen, file) => {
      if (cannotOpen !== null) return reject(cannotOpen)
      fstat(file, (cannotStat, stats) => {
        if (cannotStat !== null) return reject(cannotStat)
        const buffer = Buffer.allocUnsafe(stats.size)
        read(file, buffer, 0, buffer.length, 0, (cannotRead) => {
          close(file, () => undefined)
          if (cannotRead === null) resolve()
          else reject(cannotRead)
        })
      })
    })
  })
}
