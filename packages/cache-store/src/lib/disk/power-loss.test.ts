import assert from 'node:assert/strict'
import { describe, expect, it } from 'vitest'
import { assertRight, runWorkload } from '../testing/crash-workload.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { createVolatileFileSystem, type VolatileFileSystem } from '../testing/volatile-file-system.ts'

/** Power failures tried. More with S3PROXY_POWER_LOSSES. */
const losses = Number(process.env['S3PROXY_POWER_LOSSES'] ?? 300)
const lossesPerDisk = 5

function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Nothing in the background but merges, which wait for so long. */
const pause = (delayMs: number): Promise<void> => (delayMs === 2000 ? Promise.resolve() : new Promise(() => undefined))
const keys = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff']

describe('a power failure', () => {
  it('leaves right bytes or none, and nothing that has been replaced or removed counts as confirmed', async () => {
    let undone = 0
    let held = 0
    for (let disk = 0; disk < losses / lossesPerDisk; disk++) {
      const random = seeded(disk + 1)
      let time = 1_700_000_000_000
      let bootedAt = time
      let operations = 0
      let dieAt = Number.POSITIVE_INFINITY
      let die: () => void = () => undefined
      const now = (): number => ++time
      const before = (): void => {
        if (++operations === dieAt) die()
      }
      let fs: VolatileFileSystem = createVolatileFileSystem({ random, now, before })
      const versions = new Map<string, number>()
      const floors = new Map<string, number>()
      const log = { atLeast: (key: string, version: number) => floors.set(key, version) }
      const open = () =>
        openDisk({ directory: '/c', fs, now, bootedAt: () => bootedAt, maxBytes: 32 << 20, random, pause })
      for (let loss = 0; loss < lossesPerDisk; loss++) {
        const died = new Promise<void>((resolve) => {
          die = resolve
        })
        operations = 0
        dieAt = 20 + Math.floor(random() * 900)
        const store = await open()
        const working = runWorkload({ store, keys, steps: 200, random, now, log, versions })
        await Promise.race([working, died])
        fs = fs.lose()
        dieAt = Number.POSITIVE_INFINITY
        time += 60_000
        bootedAt = now()
        const again = await open()
        for (const key of keys) {
          const lookup = await again.lookup(key)
          const version = await assertRight(key, again, lookup, versions.get(key) ?? 0)
          if (version === undefined || lookup.kind === 'absent') continue
          held++
          assert.equal(lookup.held.validatedAt, 0, 'nothing from before the failure may count as confirmed')
          if (version < (floors.get(key) ?? 0)) undone++
        }
        await again.close()
      }
    }
    // The failures that the assertion on validatedAt is about do happen here.
    expect(undone).toBeGreaterThan(losses / 20)
    expect(held).toBeGreaterThan(losses / 2)
  }, 120_000)
})

describe('what was confirmed before this machine started', () => {
  it('has to be confirmed again, once', async () => {
    let time = 1_000_000
    const now = (): number => time
    const fs = createVolatileFileSystem({ random: () => 0.5, now })
    const open = (bootedAt: number) => openDisk({ directory: '/c', fs, now, bootedAt: () => bootedAt, pause })
    const object = sampleRepresentation({ size: 1000 })
    const first = await open(0)
    await fill(first, object, sampleBytes(1000), { validatedAt: 900_000 })
    await first.close()
    const validatedAt = async (store: Awaited<ReturnType<typeof open>>) => {
      const lookup = await store.lookup(object.key)
      return lookup.kind === 'held' ? lookup.held.validatedAt : undefined
    }
    const same = await open(800_000)
    expect(await validatedAt(same)).toBe(900_000)
    await same.close()
    const later = await open(950_000)
    expect(await validatedAt(later)).toBe(0)
    time = 1_000_500
    later.refresh(object, 1_000_400)
    expect(await validatedAt(later)).toBe(1_000_400)
    await later.close()
    const last = await open(950_000)
    expect(await validatedAt(last)).toBe(1_000_400)
    await last.close()
  })
})
