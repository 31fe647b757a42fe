import { type CacheStore, openBucketMarks, openDiskTier } from '@s3proxy/cache-store'
import { nodeFileSystem } from '@s3proxy/cache-store/disk'
import { createFaultyFileSystem, systemError } from '@s3proxy/cache-store/testing'
import { createManualClock, createTempDir, type ManualClock, startObjectOrigin } from '@s3proxy/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { gist, startProxy } from './harness.ts'

// A write that concerns every key of a bucket (DeleteBucket, a list of keys that cannot be read) names no entry to remove.
// `network` mode must ask S3 about all that was confirmed before, also after a restart and in other instances.

async function openStore(directory: string, { now }: ManualClock, fs = nodeFileSystem): Promise<CacheStore> {
  const opened = await openDiskTier({ directory, maxBytes: 64 << 20, bootedAt: () => 0, now, fs })
  if (opened.kind === 'refused') throw new Error(opened.message)
  return opened.store
}

async function setUp() {
  const origin = await startObjectOrigin()
  const directory = await createTempDir('s3proxy-bucket-')
  onTestFinished(async () => {
    await origin.close()
    await directory.remove()
  })
  return { origin, directory }
}

const unreadableDelete = ['POST', '/b?delete', ['Content-Length', '8'], Buffer.from('<Delete>')] as const

it('remembers over a restart what a write to a whole bucket has cast doubt on', async () => {
  const { origin, directory } = await setUp()
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

it('asks about what could not be removed from the disk, also after a restart', async () => {
  const { origin, directory } = await setUp()
  origin.objects.put('b', 'k', 'old')
  const clock = createManualClock()
  let isBroken = false
  const fs = createFaultyFileSystem({
    before: (operation, path) => {
      // A record is taken out of its directory before it is removed.
      if (isBroken && operation === 'rename' && path.includes('/tmp/')) throw systemError('EIO')
    },
  })
  const start = async () => {
    const marks = await openBucketMarks({ directory: directory.path, every: () => () => undefined })
    const store = await openStore(directory.path, clock, fs)
    return { store, proxy: await startProxy({ origin, store, bucketMarks: marks, clock }) }
  }
  const first = await start()
  await first.proxy.settled('GET', '/b/k')
  isBroken = true
  await first.proxy.settled('PUT', '/b/k', ['Content-Length', '3'], Buffer.from('new'))
  await first.proxy.gateway.idle()
  await first.store.close()
  isBroken = false

  const second = await start()
  const [status, , body] = gist(await second.proxy.settled('GET', '/b/k'))
  expect([status, body]).toEqual([200, 'new'])
})

it('is not deceived by a clock that is set back before a write to a whole bucket', async () => {
  const { origin, directory } = await setUp()
  origin.objects.put('b', 'k', 'old')
  const clock = createManualClock()
  const marks = await openBucketMarks({ directory: directory.path, every: () => () => undefined })
  const store = await openStore(directory.path, clock)
  const proxy = await startProxy({ origin, store, bucketMarks: marks, clock })
  await proxy.settled('GET', '/b/k')
  expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'old'])
  const before = clock.now()
  clock.set(before - 30_000)
  await proxy.settled(...unreadableDelete)
  origin.objects.put('b', 'k', 'new')
  clock.set(before + 1)
  expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'MISS', 'new'])
  await proxy.gateway.idle()
  await store.close()
})
