import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDisk } from '../testing/open-disk.ts'
import { fill, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { createLayout, hashKey, type Layout } from './layout.ts'

let dir: TempDir
let layout: Layout
beforeEach(async () => {
  dir = await createTempDir()
  layout = createLayout(dir.path)
  const store = await openDisk({ directory: dir.path })
  for (const key of ['a', 'b']) await fill(store, sampleRepresentation({ key, size: 100_000 }), sampleBytes(100_000))
  await store.close()
})
afterEach(async () => {
  await dir.remove()
})

const hour = 3_600_000

/** Opens the directory so much later, waits until everything has been counted once, and for `then`. */
async function visit(
  laterMs: number,
  then: (store: Awaited<ReturnType<typeof openDisk>>) => Promise<void> = async () => undefined,
) {
  const walked = Promise.withResolvers<void>()
  const pause = (delayMs: number): Promise<void> => {
    if (delayMs >= 60_000) walked.resolve()
    return delayMs < 1000 ? Promise.resolve() : new Promise(() => undefined)
  }
  const store = await openDisk({ directory: dir.path, now: () => Date.now() + laterMs, pause })
  await walked.promise
  await then(store)
  await store.close()
}

async function filesOf(key: string): Promise<string[]> {
  return (await readdir(layout.key(hashKey(key))).catch(() => [])).sort()
}

describe('what does not belong', () => {
  it.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, 20)],
    ['empty', () => Buffer.alloc(0)],
    ['zeros', (bytes: Buffer) => Buffer.alloc(bytes.length)],
    [
      'of another record version',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 4), Buffer.from([9]), bytes.subarray(5)]),
    ],
    ['of another application', () => Buffer.from('#!/bin/sh\n')],
  ])('a record that is %s is a miss, and its key goes when it is looked up', async (_, change) => {
    const path = layout.record(hashKey('a'))
    await writeFile(path, change(await readFile(path)))
    await visit(0)
    expect(await filesOf('a')).toHaveLength(2)
    await visit(0, async (store) => {
      expect(await store.lookup('a')).toEqual({ kind: 'absent', reason: 'corrupt' })
    })
    expect(await filesOf('a')).toEqual([])
    expect(await filesOf('b')).toHaveLength(2)
  })

  it('the record of another key is a miss, and goes', async () => {
    await rename(layout.record(hashKey('b')), layout.record(hashKey('a')))
    await visit(0, async (store) => {
      expect((await store.lookup('a')).kind).toBe('absent')
    })
    expect(await filesOf('a')).toEqual([])
  })

  it.each([
    ['an extent of another representation', '0123456789abcdef.0-1000.x'],
    ['a file with another name', 'notes.txt'],
  ])('%s goes an hour after it was written', async (_, name) => {
    await writeFile(layout.file(hashKey('a'), name), 'x')
    await visit(hour / 2)
    expect(await filesOf('a')).toHaveLength(3)
    await visit(hour * 1.5)
    expect(await filesOf('a')).toHaveLength(2)
    expect(await filesOf('a')).not.toContain(name)
  })

  it('extents without a record are a miss, and go an hour after they were written', async () => {
    await rm(layout.record(hashKey('a')))
    await visit(hour / 2, async (store) => {
      expect(await store.lookup('a')).toEqual({ kind: 'absent', reason: 'unknown' })
    })
    expect(await filesOf('a')).toHaveLength(1)
    await visit(hour * 1.5)
    expect(await filesOf('a')).toEqual([])
  })

  it('unfinished files and reports of instances that are no more go an hour after they were written', async () => {
    await writeFile(layout.temporary('gone-0a1b2c3d-0'), 'x')
    await mkdir(layout.reports, { recursive: true })
    await writeFile(layout.report('gone-0a1b2c3d'), 'x')
    const left = async () => [...(await readdir(layout.temporaries)), ...(await readdir(layout.reports))]
    await visit(hour / 2)
    expect(await left()).toHaveLength(2)
    await visit(hour * 1.5)
    expect(await left()).toEqual([])
  })

  it('other format versions, and names that nobody here uses, stay', async () => {
    const foreign = ['v0/aa/bb', 'v2/record', 'v1/zz/file', 'v1/aa/notes', 'v1/aa/bb/cc']
    for (const name of foreign) {
      await mkdir(join(dir.path, name), { recursive: true })
      await writeFile(join(dir.path, name, 'mine'), 'x')
    }
    await visit(hour * 24)
    for (const name of foreign) expect(await readdir(join(dir.path, name))).toEqual(['mine'])
  })
})
