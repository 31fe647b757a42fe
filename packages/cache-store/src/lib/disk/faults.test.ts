import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createManualClock, createTempDir, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore } from '../cache-store.ts'
import { noopObserver } from '../observer.ts'
import { createFaultyFileSystem, type FileOperation, systemError } from '../testing/faulty-file-system.ts'
import { openDisk } from '../testing/open-disk.ts'
import { beginFill, fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
})
afterEach(async () => {
  await dir.remove()
})

const large = sampleRepresentation({ key: 'large', size: 900_000 })
const body = sampleBytes(large.size)
const whole = { start: 0, end: large.size }

/** A disk that fails with `code` on the operations for which `when` says so. */
function failing(code: string, when: (operation: FileOperation, path: string) => boolean) {
  return createFaultyFileSystem({
    before: (operation, path) => {
      if (when(operation, path)) throw systemError(code)
    },
  })
}

async function temporaries(): Promise<string[]> {
  return await readdir(join(dir.path, 'v1', 'tmp'))
}

describe('a disk that moves bytes in small pieces', () => {
  it('makes no difference', async () => {
    const fs = createFaultyFileSystem({ maxTransferBytes: 7001 })
    const store = await openDisk({ directory: dir.path, fs })
    await fill(store, large, body)
    const found = await held(store, 'large')
    expect(body.equals(await readRange(store, found, whole))).toBe(true)
    await store.close()
  })
})

describe('a full disk', () => {
  for (const code of ['ENOSPC', 'EDQUOT']) {
    it(`costs that fill and nothing else (${code})`, async () => {
      let full = false
      const fs = failing(code, (operation) => full && operation === 'write')
      const failures: string[] = []
      const observer = { ...noopObserver, failed: (operation: string) => failures.push(operation) }
      const store = await openDisk({ directory: dir.path, fs, observer })
      await fill(store, { ...large, key: 'before' }, body)
      full = true
      const writer = beginFill(store, large)
      const write = async (): Promise<void> => {
        for (let at = 0; at < body.length; at += 50_000) await writer.write(body.subarray(at, at + 50_000))
        expect((await writer.commit(1, () => true)).kind).toBe('discarded')
        throw new Error('ended')
      }
      await expect(write()).rejects.toThrow()
      writer.abort()
      expect((await store.lookup('large')).kind).toBe('absent')
      full = false
      expect(failures).toContain('fill')
      await fill(store, { ...large, key: 'after' }, body)
      expect(body.equals(await readRange(store, await held(store, 'after'), whole))).toBe(true)
      await store.close()
      expect(await temporaries()).toEqual([])
    })
  }

  it.each(['EROFS', 'EIO'])('that cannot be written at all is still read from (%s)', async (code) => {
    let broken = false
    const writing: readonly FileOperation[] = ['write', 'rename', 'setTimes', 'makeDirectory']
    const fs = failing(code, (operation) => broken && writing.includes(operation))
    const clock = createManualClock(1_000_000)
    const store = await openDisk({ directory: dir.path, fs, now: clock.now })
    await fill(store, { ...large, key: 'before' }, body)
    broken = true
    for (let index = 0; index < 4; index++) {
      const start = store.begin({ ...large, key: `k${index}` }, whole)
      if (start.kind === 'refused') break
      await Promise.resolve(start.writer.write(body)).catch(() => undefined)
      expect((await start.writer.commit(1, () => true)).kind).toBe('discarded')
    }
    expect(body.equals(await readRange(store, await held(store, 'before'), whole))).toBe(true)
    broken = false
    clock.advance(1000)
    expect((await fill(store, large, body)).kind).toBe('stored')
    await store.close()
    expect(await temporaries()).toEqual([])
  })

  it('rejects the next write and leaves a dead writer', async () => {
    const fs = failing('ENOSPC', (operation, path) => operation === 'write' && path.includes('/v1/tmp/'))
    const store = await openDisk({ directory: dir.path, fs, maxDirtyBytes: 0 })
    const writer = beginFill(store, large)
    const write = async (): Promise<void> => {
      for (let at = 0; at < body.length; at += 50_000) await writer.write(body.subarray(at, at + 50_000))
    }
    await expect(write()).rejects.toMatchObject({ code: 'StoreFailed', source: 'store', reason: 'io' })
    expect(await writer.commit(1, () => true)).toEqual({ kind: 'discarded', reason: 'failed' })
    await store.close()
    expect(store.usage().diskBytes).toBe(0)
  })

  it('makes room at once', async () => {
    let full = false
    const fs = failing('ENOSPC', (operation) => full && operation === 'write')
    let evicted = 0
    const observer = { ...noopObserver, evicted: (_tier: string, bytes: number) => (evicted += bytes) }
    const store = await openDisk({ directory: dir.path, fs, observer })
    for (let index = 0; index < 4; index++) await fill(store, { ...large, key: `k${index}` }, body)
    full = true
    const writer = beginFill(store, large)
    await writer.write(body)
    expect((await writer.commit(1, () => true)).kind).toBe('discarded')
    await store.close()
    expect(evicted).toBeGreaterThanOrEqual((32 * 1024 * 1024) / 64)
  })
})

describe('a disk that keeps failing', () => {
  it('is left alone for a while, then tried again', async () => {
    const clock = createManualClock(1_000_000)
    let broken = true
    const fs = failing('EIO', (operation, path) => broken && operation === 'write' && path.includes('/v1/tmp/'))
    const store = await openDisk({ directory: dir.path, fs, now: clock.now })
    const attempt = async (): Promise<string> => {
      const start = store.begin(large, whole)
      if (start.kind === 'refused') return start.reason
      await Promise.resolve(start.writer.write(body)).catch(() => undefined)
      return (await start.writer.commit(1, () => true)).kind
    }
    expect([await attempt(), await attempt(), await attempt()]).toEqual(['discarded', 'discarded', 'discarded'])
    expect(await attempt()).toBe('unavailable')
    clock.advance(1000)
    expect([await attempt(), await attempt()]).toEqual(['discarded', 'unavailable'])
    clock.advance(1000)
    expect(await attempt()).toBe('unavailable')
    clock.advance(1000)
    broken = false
    expect([await attempt(), await attempt()]).toEqual(['stored', 'stored'])
    await store.close()
  })

  it('does not hide what memory of the directory still knows', async () => {
    const clock = createManualClock(1_000_000)
    let broken = false
    const fs = failing('EIO', (operation, path) => broken && operation === 'open' && path.endsWith('record'))
    const store = await openDisk({ directory: dir.path, fs, now: clock.now })
    await fill(store, large, body)
    broken = true
    for (let index = 0; index < 4; index++) {
      expect(await store.lookup(`k${index}`)).toEqual({ kind: 'absent', reason: 'unavailable' })
    }
    expect(body.equals(await readRange(store, await held(store, 'large'), whole))).toBe(true)
    await store.close()
  })
})

describe('a file that cannot be opened', () => {
  it('is a miss, and stays', async () => {
    let broken = false
    const fs = failing('EMFILE', (operation, path) => broken && operation === 'open' && path.endsWith('.x'))
    const store = await openDisk({ directory: dir.path, fs, maxIdleFiles: 0 })
    await fill(store, large, body)
    const found = await held(store, 'large')
    broken = true
    await expect(readRange(store, found, whole)).rejects.toMatchObject({ source: 'store', reason: 'io' })
    broken = false
    expect(body.equals(await readRange(store, await held(store, 'large'), whole))).toBe(true)
    await store.close()
  })
})

describe('a file that opens but does not read', () => {
  it('is a miss, and goes', async () => {
    let broken = false
    const fs = failing('EIO', (operation, path) => broken && operation === 'read' && path.endsWith('.x'))
    const store = await openDisk({ directory: dir.path, fs, maxIdleFiles: 0 })
    await fill(store, large, body)
    broken = true
    await expect(readRange(store, await held(store, 'large'), whole)).rejects.toMatchObject({ source: 'store' })
    expect((await held(store, 'large')).extents).toEqual([])
    await store.close()
  })
})

describe('a removal that the disk refuses', () => {
  it('is kept in memory, until something new is published', async () => {
    let readOnly = false
    const fs = failing('EROFS', (operation) => readOnly && operation === 'removeFile')
    const store = await openDisk({ directory: dir.path, fs, indexMaxAgeMs: -1 })
    await fill(store, large, body)
    readOnly = true
    await expect(store.remove('large')).rejects.toMatchObject({ source: 'store', reason: 'io' })
    expect((await store.lookup('large')).kind).toBe('absent')
    readOnly = false
    await fill(store, { ...large, etag: '"b"' }, body)
    expect((await held(store, 'large')).representation.etag).toBe('"b"')
    await store.close()
  })
})

describe('a confirmation that cannot be written', () => {
  it('holds in memory and is lost on disk, which is the safe side', async () => {
    const fs = failing('EIO', (operation, path) => operation === 'setTimes' && path.endsWith('record'))
    const store = await openDisk({ directory: dir.path, fs })
    await fill(store, large, body, { validatedAt: 1000 })
    store.refresh(large, 50_000)
    expect((await held(store, 'large')).validatedAt).toBe(50_000)
    await store.close()
    const again = await openDisk({ directory: dir.path })
    expect((await held(again, 'large')).validatedAt).toBe(1000)
    await again.close()
  })
})

describe('open files', () => {
  it('are bounded, whatever is read, and all closed in the end', async () => {
    let open = 0
    let most = 0
    const fs = createFaultyFileSystem({
      before: (operation, path) => {
        if (!path.endsWith('.x') && !path.includes('/v1/tmp/')) return
        if (operation === 'open') most = Math.max(most, ++open)
        if (operation === 'close') open--
      },
    })
    const store: CacheStore = await openDisk({ directory: dir.path, fs, maxIdleFiles: 3, embedMaxBytes: 0 })
    for (let index = 0; index < 20; index++) {
      await fill(store, sampleRepresentation({ key: `k${index}` }), sampleBytes(1000, index))
    }
    for (let index = 0; index < 60; index++) {
      const found = await held(store, `k${(index * 7) % 20}`)
      const [extent] = found.extents
      if (extent === undefined) throw new Error('nothing held')
      const source = await store.read(found, extent, { start: 0, end: 1000 })
      if (index % 3 === 0) source.cancel()
      else while ((await source.next()) !== null);
    }
    expect(most).toBeLessThanOrEqual(10)
    await store.close()
    expect(open).toBe(0)
  })
})
