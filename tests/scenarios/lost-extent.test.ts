import { type CacheStore, createMemoryTier } from '@s3proxy/cache-store'
import { headerValue, ProxyError } from '@s3proxy/protocol'
import { answer, startFakeOrigin } from '@s3proxy/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { startProxy } from './harness.ts'

it('asks for checksums again when those that S3 has confirmed are gone by the time the bytes are read', async () => {
  const origin = await startFakeOrigin()
  onTestFinished(() => origin.close())
  const sum = 'NhCmhg=='
  const whole = answer({ headers: ['ETag', '"e"', 'x-amz-checksum-crc32', sum], body: 'hello' })
  const unchanged = answer({ status: 304, headers: ['ETag', '"e"'] })
  origin.handle((exchange) =>
    headerValue(exchange.request.headers, 'if-none-match') === undefined ? whole(exchange) : unchanged(exchange),
  )
  const memory = createMemoryTier({ maxBytes: 1 << 20 })
  let isLost = false
  const store: CacheStore = {
    ...memory,
    whole: () => undefined,
    async read(held, extent, range) {
      if (!isLost) return memory.read(held, extent, range)
      isLost = false
      const headers = held.representation.headers.filter(
        (_, at, all) => !/checksum/i.test(all[at - (at % 2)] as string),
      )
      await memory.save({ ...held.representation, checksums: false, headers }, held.validatedAt + 1, () => true)
      throw new ProxyError('StoreFailed', { source: 'store', reason: 'gone' })
    },
  }
  const proxy = await startProxy({ origin, store, mode: 's3' })
  const ask = ['x-amz-checksum-mode', 'ENABLED']
  await proxy.settled('GET', '/b/k', ask)
  isLost = true
  const second = await proxy.settled('GET', '/b/k', ask)
  expect(isLost).toBe(false)
  expect([second.body.toString(), headerValue(second.headers, 'x-amz-checksum-crc32')]).toEqual(['hello', sum])
})
