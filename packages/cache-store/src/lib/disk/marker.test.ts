import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir } from '@s3proxy/testkit'
import { describe, expect, it } from 'vitest'
import { createFaultyFileSystem, systemError } from '../testing/faulty-file-system.ts'
import { openDisk } from '../testing/open-disk.ts'
import { openDiskTier } from './disk-tier.ts'
import { markerName } from './layout.ts'

const maxBytes = 1024 * 1024

describe('a cache directory', () => {
  it('is made and marked, with its parents', async () => {
    await using dir = await createTempDir()
    const directory = join(dir.path, 'deep', 'cache')
    const store = await openDisk({ directory })
    await store.close()
    expect(JSON.parse(await readFile(join(directory, markerName), 'utf8'))).toEqual({
      application: 's3proxy',
      content: 'cache',
      version: 1,
    })
  })

  it('may have a lost+found', async () => {
    await using dir = await createTempDir()
    await mkdir(join(dir.path, 'lost+found'))
    await (await openDisk({ directory: dir.path })).close()
    await (await openDisk({ directory: dir.path })).close()
  })

  it('is claimed by many at once', async () => {
    await using dir = await createTempDir()
    const stores = await Promise.all(Array.from({ length: 8 }, () => openDisk({ directory: dir.path })))
    await Promise.all(stores.map((store) => store.close()))
    expect((await readdir(dir.path)).sort()).toEqual([markerName, 'v1'].sort())
  })
})

describe('a directory that is refused', () => {
  it('belongs to somebody else, and stays as it was', async () => {
    await using dir = await createTempDir()
    await writeFile(join(dir.path, 'thesis.txt'), 'precious')
    const opening = await openDiskTier({ directory: dir.path, maxBytes })
    expect(opening).toMatchObject({ kind: 'refused', reason: 'foreign' })
    expect(await readdir(dir.path)).toEqual(['thesis.txt'])
  })

  it('has a format of another version', async () => {
    await using dir = await createTempDir()
    await writeFile(join(dir.path, markerName), '{"application":"s3proxy","content":"cache","version":2}')
    const opening = await openDiskTier({ directory: dir.path, maxBytes })
    expect(opening).toMatchObject({ kind: 'refused', reason: 'unknown-format' })
    expect(await readdir(dir.path)).toEqual([markerName])
  })

  it('is not a directory', async () => {
    await using dir = await createTempDir()
    await writeFile(join(dir.path, 'file'), '')
    const opening = await openDiskTier({ directory: join(dir.path, 'file'), maxBytes })
    expect(opening).toMatchObject({ kind: 'refused', reason: 'inaccessible' })
  })

  it('cannot be written, and says why', async () => {
    await using dir = await createTempDir()
    const fs = createFaultyFileSystem({
      before: (operation) => {
        if (operation === 'write') throw systemError('EROFS')
      },
    })
    const opening = await openDiskTier({ directory: dir.path, maxBytes, fs })
    expect(opening).toMatchObject({ kind: 'refused', reason: 'unavailable' })
    expect(opening.kind === 'refused' && opening.message).toMatch(/its volume is read-only: .*EROFS/)
    expect(await readdir(dir.path)).toEqual([])
  })
})

describe('options out of range', () => {
  it('are refused before anything is touched', async () => {
    await expect(openDiskTier({ directory: '/nowhere', maxBytes: 0 })).rejects.toThrow(RangeError)
    await expect(openDiskTier({ directory: '/nowhere', maxBytes: Number.NaN })).rejects.toThrow(RangeError)
    await expect(openDiskTier({ directory: '/nowhere', maxBytes, instanceId: '../x' })).rejects.toThrow(RangeError)
  })
})
