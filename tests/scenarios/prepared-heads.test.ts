import { answer, startFakeOrigin } from '@s3proxy/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { gist, startProxy } from './harness.ts'

it('counts the prepared head of an object in the RAM tier, once', async () => {
  const origin = await startFakeOrigin({ handler: answer({ headers: ['ETag', '"e"'], body: 'bytes' }) })
  onTestFinished(() => origin.close())
  const proxy = await startProxy({ origin })
  await proxy.settled('GET', '/b/k')
  const stored = proxy.store.usage().memoryBytes
  expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'bytes'])
  const prepared = proxy.store.usage().memoryBytes
  expect(prepared).toBeGreaterThan(stored + 'ETag: "e"\r\n'.length)
  expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'bytes'])
  expect(proxy.store.usage().memoryBytes).toBe(prepared)
})
