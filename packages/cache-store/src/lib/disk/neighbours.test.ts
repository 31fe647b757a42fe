import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createManualClock, createTempDir, type ManualClock, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore } from '../cache-store.ts'
import { openDisk } from '../testing/open-disk.ts'
import { beginFill, fill, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'

const mebibyte = 1024 * 1024
const size = 200_000
const body = sampleBytes(size)

/** Instances on one directory whose exchanges happen when the test says so. */
interface Fleet {
  readonly stores: readonly CacheStore[]
  /** Lets every instance tell and listen, twice, so that all know what all have told. */
  exchange(): Promise<void>
  close(): Promise<void>
}

let dir: TempDir
let fleet: Fleet
let clock: ManualClock
beforeEach(async () => {
  dir = await createTempDir()
  clock = createManualClock(Date.now())
})
afterEach(async () => {
  await fleet.close()
  await dir.remove()
})

async function openFleet(count: number, maxBytes: number): Promise<Fleet> {
  const pauses = Array.from({ length: count }, () => Promise.withResolvers<void>())
  const paused = Array.from({ length: count }, () => Promise.withResolvers<void>())
  const stores: CacheStore[] = []
  for (let index = 0; index < count; index++) {
    const pause = (delayMs: number): Promise<void> => {
      if (delayMs > 1000) return new Promise(() => undefined)
      paused[index]?.resolve()
      return pauses[index]?.promise ?? Promise.resolve()
    }
    stores.push(await openDisk({ directory: dir.path, maxBytes, pause, now: clock.now, instanceId: `i${index}` }))
    await paused[index]?.promise
  }
  const tick = async (index: number): Promise<void> => {
    const current = pauses[index]
    paused[index] = Promise.withResolvers<void>()
    pauses[index] = Promise.withResolvers<void>()
    current?.resolve()
    await paused[index].promise
  }
  return {
    stores,
    exchange: async () => {
      for (let round = 0; round < 2; round++) for (let index = 0; index < count; index++) await tick(index)
    },
    close: async () => {
      await Promise.all(stores.map((store) => store.close()))
    },
  }
}

/** Bytes of the files. Files and directories may go while it looks. */
async function bytesOnDisk(path = join(dir.path, 'v1')): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    const inner = join(path, entry.name)
    if (entry.isDirectory()) bytes += await bytesOnDisk(inner)
    else bytes += (await stat(inner).catch(() => undefined))?.size ?? 0
  }
  return bytes
}

function put(store: CacheStore | undefined, key: string): Promise<unknown> {
  if (store === undefined) throw new Error('no such store')
  return fill(store, sampleRepresentation({ key, size }), body)
}

describe('instances on one directory', () => {
  it('know what the others have added, freed and reserved', async () => {
    fleet = await openFleet(3, 32 * mebibyte)
    const [one, two, three] = fleet.stores
    if (one === undefined || two === undefined) throw new Error('no such store')
    await put(one, 'a')
    await put(one, 'b')
    const { diskBytes } = one.usage()
    await fleet.exchange()
    expect(fleet.stores.map((store) => store.usage().diskBytes)).toEqual([diskBytes, diskBytes, diskBytes])
    await two.remove('a')
    await fleet.exchange()
    expect(fleet.stores.map((store) => store.usage().diskBytes)).toEqual([0, 1, 2].map(() => diskBytes / 2))
    const writer = beginFill(one, sampleRepresentation({ key: 'large', size: 30 * mebibyte }))
    await fleet.exchange()
    const large = sampleRepresentation({ key: 'other', size: 20 * mebibyte })
    expect(three?.begin(large, { start: 0, end: large.size })).toEqual({ kind: 'refused', reason: 'no-space' })
    writer.abort()
    await fleet.exchange()
    expect(three?.begin(large, { start: 0, end: large.size }).kind).toBe('writer')
  })

  it('keep to the bound together, and do not all make the same room', async () => {
    const maxBytes = 8 * mebibyte
    fleet = await openFleet(4, maxBytes)
    const perRound = 4 * 210_000
    for (let round = 0; round < 25; round++) {
      await Promise.all(fleet.stores.map((store, index) => put(store, `r${round}-${index}`)))
      await fleet.exchange()
      const bytes = await bytesOnDisk()
      expect(bytes).toBeLessThanOrEqual(maxBytes + perRound)
      if (round > 12) expect(bytes).toBeGreaterThan(maxBytes / 2)
    }
  })

  it('forget who has left or died', async () => {
    fleet = await openFleet(2, 32 * mebibyte)
    const [one, two] = fleet.stores
    const reports = join(dir.path, 'v1', 'instances')
    const dead = { netBytes: 1000, reservedBytes: 31 * mebibyte, beat: 7 }
    await writeFile(join(reports, 'dead-00000000'), `${JSON.stringify(dead)}\n`)
    const large = sampleRepresentation({ key: 'large', size: 5 * mebibyte })
    const begin = () => one?.begin(large, { start: 0, end: large.size })
    await fleet.exchange()
    expect(begin()?.kind).toBe('refused')
    clock.advance(10_000)
    await fleet.exchange()
    const start = begin()
    expect(start?.kind).toBe('writer')
    if (start?.kind === 'writer') start.writer.abort()
    await two?.close()
    expect((await readdir(reports)).length).toBe(2)
  })

  it('read nothing into a report that makes no sense', async () => {
    fleet = await openFleet(1, mebibyte)
    const reports = join(dir.path, 'v1', 'instances')
    for (const [index, text] of ['', '{"netBytes":1e99}', '{"netBytes":-5', 'x'.repeat(10_000)].entries()) {
      await writeFile(join(reports, `odd-${index}`), text)
    }
    await fleet.exchange()
    expect(fleet.stores[0]?.usage().diskBytes).toBe(0)
  })
})
