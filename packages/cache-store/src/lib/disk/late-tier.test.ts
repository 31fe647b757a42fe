import { createGate, createTempDir } from '@s3proxy/testkit'
import { describe, expect, it } from 'vitest'
import type { CacheStore } from '../cache-store.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { openDiskTier } from './disk-tier.ts'
import { createLateTier } from './late-tier.ts'

const representation = sampleRepresentation()
const body = sampleBytes(representation.size)
const refused = { kind: 'refused', reason: 'unavailable', message: 'full' } as const

/** A tier that waits for `turn` before each try, and opens at the try for which there is a directory. */
function late(directory: string, tries: readonly ('refused' | 'opened')[], rest = createGate('rest')) {
  const outcomes = [...tries]
  const opened = createGate('opened')
  const errors: unknown[] = []
  const tier: CacheStore = createLateTier({
    open: async (since) =>
      outcomes.shift() === 'opened'
        ? await openDiskTier({ directory, maxBytes: 1 << 25, bootedAt: since, now: () => 2_000_000 })
        : refused,
    now: () => 2_000_000,
    pause: () => rest.pass(),
    onOpened: opened.open,
    onError: (error) => errors.push(error),
  })
  return { tier, rest, opened, errors }
}

describe('a tier whose volume cannot be used yet', () => {
  it('holds and takes nothing, and works once the volume does', async () => {
    await using dir = await createTempDir()
    const { tier, rest, opened, errors } = late(dir.path, ['refused', 'refused', 'opened'])
    expect(await tier.lookup(representation.key)).toEqual({ kind: 'absent', reason: 'unknown' })
    expect(tier.begin(representation, { start: 0, end: 10 })).toEqual({ kind: 'refused', reason: 'disabled' })
    rest.open()
    await opened.pass()
    await fill(tier, representation, body, { validatedAt: 2_000_000 })
    const found = await held(tier, representation.key)
    expect(found.validatedAt).toBe(2_000_000)
    expect(body.equals(await readRange(tier, found, { start: 0, end: body.length }))).toBe(true)
    await tier.close()
    expect(errors).toEqual([])
  })

  it('takes what it finds for expired: a write may have gone by', async () => {
    await using dir = await createTempDir()
    const before = await openDisk({ directory: dir.path })
    await fill(before, representation, body, { validatedAt: 1_999_999 })
    await before.close()
    const { tier, rest, opened } = late(dir.path, ['opened'])
    rest.open()
    await opened.pass()
    expect((await held(tier, representation.key)).validatedAt).toBe(0)
    await tier.close()
  })

  it('closes while it waits', async () => {
    await using dir = await createTempDir()
    const { tier, errors } = late(dir.path, [])
    await tier.close()
    expect(errors).toEqual([])
  })
})
