import { mkdir, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createGate } from './barrier.ts'
import { withFolderLock } from './folder-lock.ts'
import { createTempDir } from './temp-dir.ts'

test('two who want the same wait for each other', async () => {
  await using dir = await createTempDir()
  const lock = join(dir.path, 'lock')
  const inside = createGate('inside')
  const waiting = Promise.withResolvers<string>()
  const order: string[] = []
  const first = withFolderLock(lock, { what: 'building', progress: () => undefined }, async () => {
    await inside.pass()
    order.push('first')
  })
  await inside.reached()
  const second = withFolderLock(lock, { what: 'building', progress: waiting.resolve }, async () => {
    order.push('second')
  })
  expect(await waiting.promise).toContain('another process is building')
  inside.open()
  await Promise.all([first, second])
  expect(order).toEqual(['first', 'second'])
  await expect(stat(lock)).rejects.toThrow('ENOENT')
})

test('the lock of a process that died is taken over, and a failure frees the lock', async () => {
  await using dir = await createTempDir()
  const lock = join(dir.path, 'lock')
  await mkdir(lock)
  await utimes(lock, new Date(0), new Date(0))
  const failing = withFolderLock(lock, { what: 'building', progress: () => undefined }, () =>
    Promise.reject(new Error('no')),
  )
  await expect(failing).rejects.toThrow('no')
  await expect(stat(lock)).rejects.toThrow('ENOENT')
})
