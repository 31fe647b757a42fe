import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CacheStore, Held } from '../cache-store.ts'
import { openInspector } from '../inspect/inspector.ts'
import type { Damage } from '../inspect/key-report.ts'
import { openDisk } from '../testing/open-disk.ts'
import { fill, held, readRange, sampleBytes, sampleRepresentation } from '../testing/store-contract.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
})
afterEach(async () => {
  await dir.remove()
})

const size = 1_200_000
const representation = sampleRepresentation({ size, headers: ['Content-Type', 'application/json'] })
/** Text that compresses, and differs everywhere. */
const text = Buffer.from(
  Array.from(
    { length: 20_000 },
    (_, line) => `{"line":${line},"sum":"${createHash('md5').update(`${line}`).digest('hex').slice(0, 8)}"}\n`,
  )
    .join('')
    .padEnd(size, ' '),
).subarray(0, size)

const files = async (): Promise<string[]> =>
  (await readdir(join(dir.path, 'v1'), { recursive: true })).filter((name) => /\.[xz]$/.test(name))

/** Lets background work come to its end: it never waits for time. */
const open = (options: Partial<Parameters<typeof openDisk>[0]> = {}): Promise<CacheStore> =>
  openDisk({
    directory: dir.path,
    compression: 'zstd',
    pause: async () => new Promise((resolve) => setImmediate(resolve)),
    ...options,
  })

async function until(isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone())) await new Promise((resolve) => setImmediate(resolve))
}
const isPacked = async (): Promise<boolean> => {
  const names = await files()
  return names.length === 1 && names[0]?.endsWith('.z') === true
}

/** What looking at the directory from outside finds. */
async function damage(): Promise<readonly Damage[]> {
  const opening = await openInspector({ directory: dir.path })
  if (opening.kind === 'refused') throw new Error(opening.message)
  const found: Damage[] = []
  for await (const { report } of opening.inspector.keys()) {
    if (report.kind === 'entry') found.push(...(await opening.inspector.verify(report)))
  }
  return found
}

async function expectBytes(store: CacheStore, from: Held, body: Buffer): Promise<void> {
  const places = [0, 1, 262_143, 262_144, 262_145, 600_000, size - 1, size]
  for (const start of places) {
    for (const end of places.filter((place) => place >= start)) {
      const bytes = await readRange(store, from, { start, end })
      expect(body.subarray(start, end).equals(bytes)).toBe(true)
    }
  }
}

describe('compression in the background', () => {
  it('keeps every byte, takes less room, and lasts', async () => {
    const store = await open()
    await fill(store, representation, text)
    const plainBytes = store.usage().diskBytes
    await until(isPacked)
    await expectBytes(store, await held(store, representation.key), text)
    expect(store.usage().diskBytes).toBeLessThan(plainBytes / 2)
    await store.close()

    const reopened = await open()
    await expectBytes(reopened, await held(reopened, representation.key), text)
    await reopened.close()
  })

  it('serves who planned with the plain extent before', async () => {
    const store = await open({ maxIdleFiles: 0 })
    await fill(store, representation, text)
    const before = await held(store, representation.key)
    await until(isPacked)
    await expectBytes(store, before, text)
    await store.close()
  })

  it.each([
    ['bytes that do not gain', ['Content-Type', 'application/json'], sampleBytes(size)],
    ['a type that is compressed inside', ['Content-Type', 'image/jpeg'], text],
  ])('leaves %s as they are', async (_what, headers, body) => {
    const store = await open()
    await fill(store, { ...representation, headers }, body)
    // Another key after it: once that is packed, the first one has been looked at.
    const other = sampleRepresentation({ key: 'other', size, headers: ['Content-Type', 'application/json'] })
    await fill(store, other, text)
    await until(async () => (await files()).some((name) => name.endsWith('.z')))
    expect((await files()).filter((name) => name.endsWith('.x'))).toHaveLength(1)
    await store.close()
  })

  it('packs what merging has made one', async () => {
    const store = await open()
    for (let start = 0; start < size; start += 200_000) {
      await fill(store, representation, text, { range: { start, end: start + 200_000 } })
    }
    await until(isPacked)
    await expectBytes(store, await held(store, representation.key), text)
    await store.close()
  })

  it('finds a changed byte, and then misses', async () => {
    const store = await open()
    await fill(store, representation, text)
    await until(isPacked)
    await store.close()
    const [name] = await files()
    const path = join(dir.path, 'v1', name ?? '')
    expect(await damage()).toEqual([])
    const bytes = await readFile(path)
    bytes[5000] = (bytes[5000] ?? 0) ^ 1
    await writeFile(path, bytes)
    expect(await damage()).toMatchObject([{ message: expect.stringMatching(/frame/) }])

    const reopened = await open()
    const found = await held(reopened, representation.key)
    await expect(readRange(reopened, found, { start: 0, end: 10 })).rejects.toMatchObject({ reason: 'corrupt' })
    await until(async () => (await files()).length === 0)
    expect((await held(reopened, representation.key)).extents).toEqual([])
    await reopened.close()
  })
})
