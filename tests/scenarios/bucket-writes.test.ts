import { type CacheStore, openBucketMarks, openDiskTier } from '@s3proxy/cache-store'
import { createManualClock, createTempDir, type ManualClock, startObjectOrigin } from '@s3proxy/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { gist, startProxy } from './harness.ts'

// A write that concerns every key of a bucket (DeleteBucket, a list of keys that cannot be read) names no entry to remove.
// `network` mode must ask S3 about all that was confirmed before, also after a restart and in other instances.

async function openStore(directory: string, { now }: ManualClock): Promise<CacheStore> {
  const opened = await openDiskTier({ directory, maxBytes: 64 << 20, bootedAt: () => 0, now })
  if (opened.kind === 'refused') throw new Error(opened.message)
  return opened.store
}

const unreadableDelete = ['POST', '/b?delete', ['Content-Length', '8'], Buffer.from('<Delete>')] as const

it('remembers over a restart what a write to a whole bucket has cast doubt on', async () => {
  const origin = await startObjectOrigin()
  const directory = await createTempDir('s3proxy-bucket-')
  onTestFinished(async () => {
    await origin.close()
    await directory.remove()
  })
  origin.objects.put('b', 'k', 'old')
  origin.objects.put('c', 'k', 'other')
  const clock = createManualClock()
  const start = async () => {
    const marks = await openBucketMarks({ directory: directory.path, every: () => () => undefined })
    const store = await openStore(directory.path, clock)
    return { store, proxy: await startProxy({ origin, store, bucketMarks: marks, clock }) }
  }
  const first = await start()
  await first.proxy.settled('GET', '/b/k')
  await first.proxy.settled('GET', '/c/k')
  await first.proxy.settled(...unreadableDelete)
  origin.objects.put('b', 'k', 'new')
  await first.proxy.gateway.idle()
  await first.store.close()

  const second = await start()
  expect(gist(await second.proxy.settled('GET', '/b/k'))).toEqual([200, 'MISS', 'new'])
  expect(gist(await second.proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'new'])
  expect(gist(await second.proxy.settled('GET', '/c/k'))).toEqual([200, 'HIT', 'other'])
})
