import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir } from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFaultyFileSystem, systemError } from '../testing/faulty-file-system.ts'
import { type BucketMarksOptions, openBucketMarks } from './bucket-marks.ts'
import { createLayout } from './layout.ts'

async function temporary(): Promise<string> {
  const { path, remove } = await createTempDir('s3proxy-marks-')
  onTestFinished(remove)
  await writeFile(createLayout(path).markerFile, '')
  return path
}

const open = (directory: string, more: Partial<BucketMarksOptions> = {}) =>
  openBucketMarks({ directory, every: () => () => undefined, ...more })

describe('openBucketMarks', () => {
  it('knows nothing of a directory without marks', async () => {
    expect((await open(await temporary())).at('b')).toBe(0)
  })

  it('tells later processes and those beside it, the newest mark of a bucket counting', async () => {
    const directory = await temporary()
    const first = await open(directory)
    const beside = await open(directory)
    await first.note('b', 5)
    await first.note('b', 9)
    await first.note('other', 7)
    expect([first.at('b'), beside.at('b')]).toEqual([9, 0])
    await beside.refresh()
    const later = await open(directory)
    for (const marks of [beside, later]) expect([marks.at('b'), marks.at('other'), marks.at('c')]).toEqual([9, 7, 0])
    expect(await readdir(createLayout(directory).bucketMarks)).toHaveLength(2)
  })

  it('sees what is noted between two looks, however close', async () => {
    const directory = await temporary()
    const beside = await open(directory)
    const writer = await open(directory)
    for (let at = 1; at <= 50; at++) {
      await writer.note(`b${at}`, at)
      await beside.refresh()
      expect(beside.at(`b${at}`)).toBe(at)
    }
  })

  it('keeps a bounded number, and of the oldest one date for all buckets', async () => {
    const directory = await temporary()
    const marks = await open(directory, { maxMarks: 10 })
    for (let at = 1; at <= 100; at++) await marks.note(`b${at}`, at)
    expect((await readdir(createLayout(directory).bucketMarks)).length).toBeLessThanOrEqual(12)
    const later = await open(directory, { maxMarks: 10 })
    for (let at = 1; at <= 100; at++) expect(later.at(`b${at}`)).toBeGreaterThanOrEqual(at)
    expect(later.at('b100')).toBe(100)
  })

  it('dates a mark after whatever has happened before, though the clock has been set back since', async () => {
    const directory = await temporary()
    const { ledger } = createLayout(directory)
    await mkdir(ledger, { recursive: true })
    await writeFile(join(ledger, '1'), '')
    await utimes(join(ledger, '1'), 2000, 2000)
    const marks = await open(directory)
    await marks.note('b', 1_500_000)
    await marks.note('c', 2_500_000)
    expect(marks.at('b')).toBeGreaterThan(2_000_000 + 5000)
    expect(marks.at('c')).toBe(2_500_000)
  })

  it('leaves alone what is no mark', async () => {
    const directory = await temporary()
    const marks = await open(directory)
    await marks.note('b', 5)
    const foreign = join(createLayout(directory).bucketMarks, 'README')
    await writeFile(foreign, '')
    expect((await open(directory)).at('b')).toBe(5)
    expect(await readdir(createLayout(directory).bucketMarks)).toContain('README')
  })

  it('counts here what it could not write, and says so', async () => {
    const fs = createFaultyFileSystem({
      before: (operation) => {
        if (operation === 'open') throw systemError('EROFS')
      },
    })
    const marks = await open(await temporary(), { fs })
    await expect(marks.note('b', 5)).rejects.toMatchObject({ code: 'EROFS' })
    expect(marks.at('b')).toBe(5)
  })
})
