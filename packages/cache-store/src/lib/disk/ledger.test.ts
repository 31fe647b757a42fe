import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFaultyFileSystem, type FaultyFileSystemOptions, systemError } from '../testing/faulty-file-system.ts'
import { createLayout } from './layout.ts'
import { createLedger, type Ledger, type LedgerState, totalBytes, withClaim } from './ledger.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
  await mkdir(join(dir.path, 'v1', 'ledger'), { recursive: true })
})
afterEach(async () => {
  await dir.remove()
})

const unknown: LedgerState = { baseBytes: 77, counted: false, changes: 0, claims: new Map() }

function open(life: string, options: FaultyFileSystemOptions = {}): Ledger {
  let names = 0
  return createLedger({
    fs: createFaultyFileSystem(options),
    layout: createLayout(dir.path),
    life,
    temporaryName: () => `${life}-${names++}`,
    unknown,
    onError: (error) => {
      throw error
    },
  })
}

/** Adds to the claim of `life`. */
function adding(life: string, bytes: number): (state: LedgerState) => LedgerState {
  return (state) => {
    const before = state.claims.get(life) ?? { bytes: 0, sequence: 0 }
    return withClaim(state, life, { bytes: before.bytes + bytes, sequence: before.sequence + 1 })
  }
}

function files(): Promise<string[]> {
  return readdir(join(dir.path, 'v1', 'ledger'))
}

describe('the ledger', () => {
  it('is unknown at first, then what was last agreed', async () => {
    const ledger = open('a')
    expect(await ledger.read()).toEqual(unknown)
    await ledger.update(adding('a', 5))
    await open('b').update(adding('b', 7))
    const state = await ledger.read()
    expect(state.claims.get('a')).toEqual({ bytes: 5, sequence: 1 })
    expect(totalBytes(state)).toBe(77 + 12)
  })

  it('loses no change of many that are made at once', async () => {
    const lives = ['a', 'b', 'c', 'd']
    await Promise.all(
      lives.map(async (life) => {
        const ledger = open(life)
        for (let round = 0; round < 25; round++) await ledger.update(adding(life, 1))
      }),
    )
    const { claims } = await open('e').read()
    expect(lives.map((life) => claims.get(life))).toEqual(lives.map(() => ({ bytes: 25, sequence: 25 })))
    expect((await files()).length).toBeLessThan(10)
  })

  it('takes a generation that is long past for no success', async () => {
    const other = open('b')
    await other.update(adding('b', 1))
    let isSlow = true
    const slow = open('a', {
      before: async (operation) => {
        if (operation !== 'link' || !isSlow) return
        isSlow = false
        // Meanwhile the others go on until the name that this one is about to take is free again.
        for (let round = 0; round < 10; round++) await other.update(adding('b', 1))
      },
    })
    await slow.update(adding('a', 3))
    const { claims } = await other.read()
    expect([claims.get('a')?.bytes, claims.get('b')?.bytes]).toEqual([3, 11])
  })

  it('is unknown when it cannot be made sense of', async () => {
    const ledger = open('a')
    await ledger.update(adding('a', 5))
    const [name = ''] = await files()
    const path = join(dir.path, 'v1', 'ledger', name)
    const text = await readFile(path, 'utf8')
    for (const bad of ['', text.slice(0, 20), text.replace('5', '6'), 'x'.repeat(100_000)]) {
      await writeFile(path, bad)
      expect(await ledger.read()).toEqual(unknown)
    }
  })

  it('stays as it was if the file system fails', async () => {
    const ledger = open('a')
    await ledger.update(adding('a', 5))
    for (const failing of ['open', 'write', 'link'] as const) {
      const broken = open('b', {
        before: (operation, path) => {
          if (operation === failing && !path.endsWith('1')) throw systemError('EIO')
        },
      })
      await expect(broken.update(adding('b', 1))).rejects.toThrow('EIO')
      expect((await ledger.read()).claims.has('b')).toBe(false)
    }
    expect(await files()).toHaveLength(1)
  })
})
