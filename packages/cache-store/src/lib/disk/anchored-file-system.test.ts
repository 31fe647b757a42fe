import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir } from '@s3proxy/testkit'
import { describe, expect, it } from 'vitest'
import { noopObserver } from '../observer.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'
import { openBucketMarks } from './bucket-marks.ts'

const size = 300_000
const body = sampleBytes(size)
const whole = { start: 0, end: size }

describe('a cache directory that goes while it is used', () => {
  it('is not built anew where its volume was, and serves again when it is back', async () => {
    await using dir = await createTempDir()
    const messages: (string | undefined)[] = []
    const observer = { ...noopObserver, failed: (_: unknown, error: Error) => messages.push(error.message) }
    const store = await openDisk({ directory: dir.path, observer, indexMaxAgeMs: -1 })
    const before = sampleRepresentation({ key: 'before', size })
    await fill(store, before, body)
    const away = `${dir.path}-away`
    await mkdir(away)
    await moveAll(dir.path, away)

    expect((await store.lookup('before')).kind).toBe('absent')
    const small = sampleRepresentation({ key: 'small' })
    expect((await fill(store, small, sampleBytes(1000))).kind).toBe('discarded')
    const marks = await openBucketMarks({ directory: dir.path, every: () => () => undefined })
    await expect(marks.note('bucket', 1)).rejects.toThrow('the cache directory has gone')
    expect(messages).toContain('the cache directory has gone: mount its volume again, or restart to begin a new cache')
    expect(await readdir(dir.path)).toEqual([])

    await moveAll(away, dir.path)
    await rm(away, { recursive: true })
    expect(body.equals(await readRange(store, await held(store, 'before'), whole))).toBe(true)
    expect((await fill(store, small, sampleBytes(1000))).kind).toBe('stored')
    marks.close()
    await store.close()
  })

  it('stays away when somebody else has put files at its place', async () => {
    await using dir = await createTempDir()
    const store = await openDisk({ directory: dir.path })
    await rm(dir.path, { recursive: true })
    await mkdir(dir.path)
    await writeFile(join(dir.path, 'thesis.txt'), '')
    expect((await fill(store, sampleRepresentation({ size }), body)).kind).toBe('discarded')
    await store.close()
    expect(await readdir(dir.path)).toEqual(['thesis.txt'])
  })
})

async function moveAll(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) await rename(join(from, name), join(to, name))
}
