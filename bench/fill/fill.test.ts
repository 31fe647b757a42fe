import { createTempDir } from '@s3proxy/testkit'
import { expect, it } from 'vitest'
import { diskUsage, measureFill } from './fill.ts'

const maxBytes = 16 * 2 ** 20

it('four processes fill one directory and never exceed its bound by a byte, though one is killed', async () => {
  await using dir = await createTempDir()
  const { frozenBytes, reports } = await measureFill({
    directory: dir.path,
    maxBytes,
    writers: 4,
    concurrency: 4,
    durationMs: 4000,
    kills: 1,
  })
  expect(Math.max(...frozenBytes)).toBeLessThanOrEqual(maxBytes)
  expect(reports.reduce((stored, report) => stored + report.stored, 0)).toBeGreaterThan(0)
  expect(await diskUsage(dir.path)).toBeGreaterThan(0)
}, 60_000)
