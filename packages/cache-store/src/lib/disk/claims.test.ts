import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createManualClock, createTempDir, type ManualClock, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore } from '../cache-store.ts'
import { createFaultyFileSystem, systemError } from '../testing/faulty-file-system.ts'
import { beginFill, fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { aloneTickMs, tickMs } from './claims.ts'
import { type DiskTierOptions, openDiskTier } from './disk-tier.ts'

const mebibyte = 1024 * 1024
const size = 200_000
const body = sampleBytes(size)

/** An instance whose looks at the shared account happen when the test says so. */
interface Instance {
  readonly store: CacheStore
  readonly isShared: () => boolean
  look(): Promise<void>
  /** Resolves when a walk over the directory has ended. */
  walked(): Promise<void>
}

let dir: TempDir
let clock: ManualClock
let opened: CacheStore[] = []
beforeEach(async () => {
  dir = await createTempDir()
  clock = createManualClock(Date.now())
})
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()))
  opened = []
  await dir.remove()
})

async function open(instanceId: string, options: Partial<DiskTierOptions> = {}): Promise<Instance> {
  let pauses: PromiseWithResolvers<void>[] = []
  let began = Promise.withResolvers<void>()
  const walks = Promise.withResolvers<void>()
  const pause = (delayMs: number): Promise<void> => {
    if (delayMs === 60_000) walks.resolve()
    if (delayMs !== tickMs && delayMs !== aloneTickMs) return new Promise(() => undefined)
    const pausing = Promise.withResolvers<void>()
    pauses.push(pausing)
    began.resolve()
    return pausing.promise
  }
  const opening = await openDiskTier({
    directory: dir.path,
    maxBytes: 32 * mebibyte,
    now: clock.now,
    pause,
    instanceId,
    ...options,
  })
  if (opening.kind === 'refused') throw new Error(opening.message)
  const { store } = opening
  const isShared = (): boolean => opening.isShared(clock.now())
  opened.push(store)
  await began.promise
  return {
    store,
    isShared,
    async look() {
      const current = pauses
      pauses = []
      began = Promise.withResolvers()
      for (const { resolve } of current) resolve()
      await began.promise
    },
    walked: () => walks.promise,
  }
}

async function lookAll(...instances: readonly Instance[]): Promise<void> {
  for (let round = 0; round < 2; round++) for (const instance of instances) await instance.look()
}

function put(store: CacheStore, key: string): Promise<unknown> {
  return fill(store, sampleRepresentation({ key, size }), body)
}

describe('instances on one directory', () => {
  it('know what the others have added, freed and reserved', async () => {
    const [one, two, three] = [await open('one'), await open('two'), await open('three')]
    await put(one.store, 'a')
    await put(one.store, 'b')
    await lookAll(one, two, three)
    const { diskBytes } = one.store.usage()
    expect([two, three].map(({ store }) => store.usage().diskBytes)).toEqual([diskBytes, diskBytes])
    await two.store.remove('a')
    await two.store.remove('b')
    await lookAll(one, two, three)
    expect([one, two, three].map(({ store }) => store.usage().diskBytes)).toEqual([0, 0, 0])
    const writer = beginFill(one.store, sampleRepresentation({ key: 'large', size: 20 * mebibyte }))
    await lookAll(one, two, three)
    const large = sampleRepresentation({ key: 'other', size: 20 * mebibyte })
    const begin = () => three.store.begin(large, { start: 0, end: large.size })
    expect(begin()).toEqual({ kind: 'refused', reason: 'no-space' })
    writer.abort()
    await lookAll(one, two, three)
    const start = begin()
    expect(start.kind).toBe('writer')
    if (start.kind === 'writer') start.writer.abort()
  })

  it('notice when they are no longer alone, and when they are again', async () => {
    const one = await open('one')
    expect(one.isShared()).toBe(false)
    const two = await open('two')
    await one.look()
    expect([one.isShared(), two.isShared()]).toEqual([true, true])
    await two.store.close()
    await one.look()
    expect(one.isShared()).toBe(false)
  })

  it('trust what they remember for longer while they are alone, and not once another has come', async () => {
    let looks = 0
    const fs = createFaultyFileSystem({
      before: (operation, path) => {
        if (operation === 'open' && path.endsWith('record')) looks++
      },
    })
    const one = await open('one', { fs, indexMaxAgeMs: 500, aloneMaxAgeMs: 5000 })
    await put(one.store, 'a')
    clock.advance(600)
    await one.look()
    looks = 0
    expect(await one.store.lookup('a')).toMatchObject({ kind: 'held' })
    expect(looks).toBe(0)
    const two = await open('two')
    await one.look()
    await two.store.remove('a')
    expect(await one.store.lookup('a')).toMatchObject({ kind: 'absent' })
    expect(looks).toBeGreaterThan(0)
  })

  it('do not take themselves for alone when they could not look for a second', async () => {
    const one = await open('one')
    expect(one.isShared()).toBe(false)
    clock.advance(1100)
    expect(one.isShared()).toBe(true)
    await one.look()
    expect(one.isShared()).toBe(false)
  })

  it('leave exactly what they have used', async () => {
    const one = await open('one')
    await put(one.store, 'a')
    const { diskBytes } = one.store.usage()
    const two = await open('two')
    await put(two.store, 'b')
    await one.store.close()
    await two.look()
    expect(two.store.usage().diskBytes).toBeGreaterThan(diskBytes)
    await two.store.remove('a')
    await two.store.remove('b')
    await two.store.close()
    const three = await open('three')
    expect(three.store.usage().diskBytes).toBe(0)
    expect(await readdir(join(dir.path, 'v1', 'instances'))).toHaveLength(1)
  })

  it('take over what one has claimed that has died, and find the truth by counting', async () => {
    let isDead = false
    const fs = createFaultyFileSystem({
      before: () => {
        if (isDead) throw systemError('EIO')
      },
    })
    const dead = await open('a-dead', { fs })
    await put(dead.store, 'kept')
    const { diskBytes } = dead.store.usage()
    beginFill(dead.store, sampleRepresentation({ key: 'never', size: 10 * mebibyte }))
    await lookAll(dead)
    isDead = true
    const one = await open('b-alive')
    await one.look()
    expect(one.store.usage().diskBytes).toBe(diskBytes)
    const large = sampleRepresentation({ key: 'large', size: 25 * mebibyte })
    expect(one.store.begin(large, { start: 0, end: large.size }).kind).toBe('refused')
    clock.advance(125_000)
    await lookAll(one)
    expect(one.store.usage().diskBytes).toBeGreaterThanOrEqual(10 * mebibyte)
    await one.store.close()
    const two = await open('c-later')
    await two.walked()
    expect(two.store.usage().diskBytes).toBe(diskBytes)
  })

  it('that were taken for dead begin anew, and what they hold stays', async () => {
    let isHung = false
    const hang = Promise.withResolvers<void>()
    const fs = createFaultyFileSystem({
      before: (_operation, path) => (isHung && /instances|ledger/.test(path) ? hang.promise : undefined),
    })
    const hung = await open('a-hung', { fs })
    await put(hung.store, 'kept')
    const other = await open('b-other')
    await other.look()
    isHung = true
    clock.advance(125_000)
    await lookAll(other)
    // Its claim does not stand: what it wants to store now has to wait until it has found out.
    const late = beginFill(hung.store, sampleRepresentation({ key: 'late', size }))
    await late.write(body)
    const committed = late.commit(1, () => true)
    isHung = false
    hang.resolve()
    const result = await committed
    await lookAll(hung, other)
    expect((await put(hung.store, 'after')) as { kind: string }).toMatchObject({ kind: 'stored' })
    expect(body.equals(await readRange(hung.store, await held(hung.store, 'kept'), { start: 0, end: size }))).toBe(true)
    await lookAll(hung, other)
    const stored = result.kind === 'stored' ? 3 : 2
    expect(other.store.usage().diskBytes).toBeGreaterThanOrEqual(stored * size)
  })

  it('read nothing into a report that makes no sense', async () => {
    const [one, two] = [await open('one'), await open('two')]
    const reports = join(dir.path, 'v1', 'instances')
    const [name = ''] = (await readdir(reports)).filter((life) => life.startsWith('two'))
    for (const bad of ['', '{"netBytes":1e99}', 'x'.repeat(10_000)]) {
      await writeFile(join(reports, name), bad)
      await one.look()
      expect(one.store.usage().diskBytes).toBeLessThan(mebibyte)
    }
    await rm(join(reports, name))
    await put(two.store, 'a')
  })
})
