import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import { sameStamp, stampFile } from './file-stamp.ts'

test('a stamp stays until the file is written to or replaced', async () => {
  await using dir = await createTempDir()
  const path = join(dir.path, 's.yaml')
  await writeFile(path, 'a: 1')
  const first = await stampFile(path)
  expect(first.kind).toBe('file')
  expect(sameStamp(first, await stampFile(path))).toBe(true)
  await writeFile(path, 'a: 12')
  const second = await stampFile(path)
  expect(sameStamp(first, second)).toBe(false)
  await writeFile(join(dir.path, 'new'), 'a: 12')
  await rename(join(dir.path, 'new'), path)
  expect(sameStamp(second, await stampFile(path))).toBe(false)
})

test('links are followed, as in a mounted ConfigMap', async () => {
  await using dir = await createTempDir()
  const inside = (name: string) => join(dir.path, name)
  for (const name of ['v1', 'v2']) {
    await mkdir(inside(name))
    await writeFile(join(inside(name), 's.yaml'), 'same')
  }
  await symlink('v1', inside('data'))
  await symlink('data/s.yaml', inside('s.yaml'))
  const first = await stampFile(inside('s.yaml'))
  await symlink('v2', inside('data_tmp'))
  await rename(inside('data_tmp'), inside('data'))
  expect(sameStamp(first, await stampFile(inside('s.yaml')))).toBe(false)
})

test('what is no file has no stamp', async () => {
  await using dir = await createTempDir()
  const path = join(dir.path, 's.yaml')
  expect(await stampFile(undefined)).toEqual({ kind: 'none' })
  expect(await stampFile(dir.path)).toEqual({ kind: 'stream' })
  const missing = { kind: 'missing', reason: 'there is no such file' }
  expect(await stampFile(path)).toEqual(missing)
  await writeFile(path, '')
  const there = await stampFile(path)
  await rm(path)
  expect(sameStamp(there, await stampFile(path))).toBe(false)
  expect(sameStamp({ kind: 'missing', reason: 'a' }, { kind: 'missing', reason: 'b' })).toBe(true)
})
