import { expect, test } from 'vitest'
import { removeOldLogs } from './access-log-retention.ts'
import { createMemoryLogFiles } from './memory-log-files.ts'

const day = 86_400_000

test('only own files that are old enough go, and the directories they leave empty', async () => {
  const files = createMemoryLogFiles()
  const old = [
    '/logs/2025/12/31/2025-12-31-23-55-00-web',
    '/logs/2026/01/01/2026-01-01-00-00-00-web',
    '/logs/2026/01/03/2026-01-03-11-55-00-web',
  ]
  const kept = [
    '/logs/2025/11/01/2025-11-01-00-00-00-other',
    '/logs/2026/01/03/2026-01-03-12-05-00-web',
    '/logs/2026/02/01/2026-02-01-00-00-00-web',
    '/logs/2026/01/01/notes.txt',
    '/logs/2026/2026-01-01-00-00-00-web',
    '/logs/notes/2026-01-01-00-00-00-web',
  ]
  for (const path of [...old, ...kept]) files.put(path, 'x')
  const options = { directory: '/logs', host: 'web', retentionMs: 30 * day, files }
  expect(await removeOldLogs({ ...options, now: Date.UTC(2026, 1, 2, 12) })).toBe(3)
  expect([...files.contents.keys()].sort()).toEqual([...kept].sort())
  expect(files.emptied).toEqual(['/logs/2025/12/31', '/logs/2025/12'])
})

test('a directory that is not there is no trouble', async () => {
  const files = createMemoryLogFiles()
  expect(await removeOldLogs({ directory: '/logs', host: 'web', retentionMs: day, now: day * 20_000, files })).toBe(0)
})
