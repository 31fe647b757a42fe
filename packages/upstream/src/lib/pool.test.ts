import { answer, behind, createGate, startFakeOrigin } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import { resolveUpstreamOptions } from './options.ts'
import { createPools } from './pool.ts'
import { inspectHead } from './request-head.ts'
import { drain, originOf, requestTo, uploadTo } from './testing.ts'

const noTls = { settingsFor: () => undefined }
const origin = { scheme: 'http', hostname: 's3.test', port: 80 } as const
const endpoint = { address: '127.0.0.1', port: 1 }

test('one origin at one endpoint is one pool; anything else is another', async () => {
  const pools = createPools(resolveUpstreamOptions(), noTls)
  const pool = pools.get(origin, endpoint)
  expect(pools.get({ ...origin }, { ...endpoint })).toBe(pool)
  const others = [
    pools.get({ ...origin, scheme: 'https' }, endpoint),
    pools.get({ ...origin, hostname: 'b.s3.test' }, endpoint),
    pools.get({ ...origin, port: 81 }, endpoint),
    pools.get(origin, { ...endpoint, address: '::1' }),
    pools.get(origin, { ...endpoint, port: 2 }),
  ]
  expect(new Set([pool, ...others]).size).toBe(6)
  await pools.close()
  expect(pools.size).toBe(0)
})

test('beyond the limit the least recently used idle pool is closed', async () => {
  await using store = await startFakeOrigin({ handler: answer({ body: 'ok' }) })
  const pools = createPools(resolveUpstreamOptions({ maxPools: 2 }), noTls)
  const at = { address: store.host, port: store.port }
  const first = pools.get(originOf(store), at)
  const request = requestTo(store)
  const facts = inspectHead(request)
  const result = await first.senderFor(request, facts).send(request, facts, 'pooled')
  if (result.kind === 'answered') await drain(result.response.body)
  pools.get(origin, endpoint)
  expect(pools.get(originOf(store), at)).toBe(first)
  pools.get(origin, { ...endpoint, port: 2 })
  expect(pools.size).toBe(2)
  expect(pools.get(originOf(store), at)).toBe(first)
  pools.get(origin, { ...endpoint, port: 3 })
  pools.get(origin, { ...endpoint, port: 4 })
  while (store.connections.open > 0) await new Promise((resolve) => setImmediate(resolve))
  expect(pools.get(originOf(store), at)).not.toBe(first)
  await pools.close()
})

test('a pool in use is not closed for another', async () => {
  const gate = createGate('answer')
  await using store = await startFakeOrigin({ handler: behind(gate, answer({ body: 'ok' })) })
  const pools = createPools(resolveUpstreamOptions({ maxPools: 1 }), noTls)
  const at = { address: store.host, port: store.port }
  const results = [requestTo(store), uploadTo(store, 'hello')].map((request) => {
    const facts = inspectHead(request)
    return pools.get(originOf(store), at).senderFor(request, facts).send(request, facts, 'pooled')
  })
  await store.received(2)
  expect(pools.get(originOf(store), at).active).toBe(2)
  pools.get(origin, endpoint)
  expect(pools.size).toBe(2)
  gate.open()
  for (const result of await Promise.all(results)) {
    expect(result.kind).toBe('answered')
    if (result.kind === 'answered') expect((await drain(result.response.body)).text).toBe('ok')
  }
  await pools.close()
})
