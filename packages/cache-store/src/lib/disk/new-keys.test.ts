import { mkdir } from 'node:fs/promises'
import { createTempDir, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFaultyFileSystem, type FileOperation } from '../testing/faulty-file-system.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, held, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { createAbsences } from './absences.ts'
import { directoryCharge } from './charge.ts'
import type { FileSystem } from './file-system.ts'
import { createKeyDirectories } from './key-directories.ts'
import { createLayout, hashKey } from './layout.ts'
import { nodeFileSystem } from './node-file-system.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
})
afterEach(async () => {
  await dir.remove()
})

const size = 1 << 20
const body = sampleBytes(size)
const representation = (key: string) => sampleRepresentation({ key, size })

/** A file system that counts what is done to keys and temporary files, apart from the looks around of the sweeper; `clear` begins anew. */
function countingFileSystem() {
  const counts = new Map<FileOperation, number>()
  const fs = createFaultyFileSystem({
    before(operation, path) {
      const isOfKeys = /\/v1\/(tmp|[0-9a-f]{2})(\/|$)/.test(path)
      if (isOfKeys && !['close', 'stat', 'list'].includes(operation))
        counts.set(operation, (counts.get(operation) ?? 0) + 1)
    },
  })
  return { fs, counted: () => Object.fromEntries(counts), clear: () => counts.clear() }
}

describe('a fill of a key that nobody had', () => {
  it('takes no more calls of the file system than it needs', async () => {
    const { fs, counted, clear } = countingFileSystem()
    const store = await openDisk({ directory: dir.path, fs })
    await fill(store, representation('first'), body)
    clear()
    // What is held is asked for before S3 is, and again when it has answered.
    expect((await store.lookup('second')).kind).toBe('absent')
    expect((await store.lookup('second')).kind).toBe('absent')
    await fill(store, representation('second'), body)
    // The record that is not there, the extent and the record; the two directories above the key's are new, too.
    expect(counted()).toEqual({ open: 3, write: 2, setTimes: 1, addDirectory: 4, rename: 2 })
    await store.close()
  })
})

describe('that there is nothing of a key', () => {
  async function openTwo() {
    const clock = { now: Date.now() }
    const { fs, counted, clear } = countingFileSystem()
    const now = (): number => clock.now
    const here = await openDisk({ directory: dir.path, fs, now, indexMaxAgeMs: 1000 })
    const there = await openDisk({ directory: dir.path, now })
    clear()
    return { here, there, clock, counted, close: () => Promise.all([here.close(), there.close()]) }
  }

  it('is remembered as long as what is there is', async () => {
    const { here, there, clock, counted, close } = await openTwo()
    expect((await here.lookup('key')).kind).toBe('absent')
    await fill(there, representation('key'), body)
    clock.now += 1000
    expect((await here.lookup('key')).kind).toBe('absent')
    expect(counted()).toEqual({ open: 1 })
    clock.now += 1
    await held(here, 'key')
    await close()
  })

  it('is forgotten when another process says that it has stored something', async () => {
    const { here, there, close } = await openTwo()
    expect((await here.lookup('key')).kind).toBe('absent')
    await fill(there, representation('key'), body)
    here.recheck('key')
    await held(here, 'key')
    await close()
  })

  it('is forgotten when it is stored, and remembered anew when it is removed', async () => {
    const { here, close } = await openTwo()
    expect((await here.lookup('key')).kind).toBe('absent')
    await fill(here, representation('key'), body)
    await held(here, 'key')
    await here.remove('key')
    expect((await here.lookup('key')).kind).toBe('absent')
    await close()
  })

  it('is remembered of the latest keys only', () => {
    const absences = createAbsences()
    for (let n = 0; n < 5000; n++) absences.note(`key-${n}`, n)
    expect(absences.askedAt('key-0')).toBeUndefined()
    expect(absences.askedAt('key-4999')).toBe(4999)
  })
})

describe('what directories grow by', () => {
  const blockBytes = 65_536

  async function setUp() {
    const seen = { looks: 0, bytes: blockBytes }
    const layout = createLayout(dir.path)
    const fs: FileSystem = {
      ...nodeFileSystem,
      async stat(path) {
        seen.looks++
        return { ...(await nodeFileSystem.stat(path)), allocatedBytes: seen.bytes }
      },
    }
    await mkdir(layout.root)
    return { layout, directories: createKeyDirectories(fs, layout), seen }
  }

  it('is measured for the first new ones and paid for each', async () => {
    const { directories, seen } = await setUp()
    const paid: number[] = []
    for (const key of ['one', 'two', 'three']) {
      let bytes = 0
      const pay = (more: number): void => {
        bytes += more
      }
      expect(await directories.make(hashKey(key), pay)).toBe(true)
      await directories.payFirstFiles(hashKey(key), pay)
      paid.push(bytes)
    }
    // The first level, of whose growth nobody takes note, the second and the key's own.
    const each = directoryCharge + 2 * blockBytes
    expect(paid).toEqual([each, each, each])
    expect(seen.looks).toBe(2)
  })

  it('is measured each time for one that was there before', async () => {
    const { layout, directories, seen } = await setUp()
    for (const key of ['one', 'two']) {
      await mkdir(layout.bucketOf(hashKey(key)), { recursive: true })
      seen.looks = 0
      seen.bytes = blockBytes
      const paid: number[] = []
      const pay = (bytes: number): void => {
        paid.push(bytes)
        // It grows as the key's directory is made.
        seen.bytes = 2 * blockBytes
      }
      expect(await directories.make(hashKey(key), pay)).toBe(true)
      expect(paid).toEqual([directoryCharge, blockBytes])
      expect(seen.looks).toBe(2)
    }
  })
})
