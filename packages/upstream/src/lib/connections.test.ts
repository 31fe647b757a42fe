import { answer, behind, createGate, createManualClock, hangUp, interimThen, startFakeOrigin } from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import { createUpstream } from './create-upstream.ts'
import type { UpstreamOptions } from './options.ts'
import { createManualSource, drain, failureOf, requestTo, type Target, uploadTo } from './testing.ts'

const ok = answer({ body: 'ok' })
/** Nothing listens on port 1 of the loopback. */
const refused = '127.0.0.1:1'
const store: Target = { host: 's3.test', port: 80, url: 'http://s3.test' }

describe('a kept connection that the store closes just as it is used', () => {
  for (const method of ['GET', 'HEAD']) {
    test(`is replaced by a fresh one for ${method}`, async () => {
      for (const how of ['end', 'reset'] as const) {
        await using origin = await startFakeOrigin({ handler: ok })
        const upstream = createUpstream()
        await drain((await upstream.send(requestTo(origin))).body)
        await settle()
        origin.script(hangUp(how))
        const response = await upstream.send(requestTo(origin, { method }))
        expect(response.status).toBe(200)
        await drain(response.body)
        expect(origin.requests.map(({ connection }) => connection)).toEqual([0, 0, 1])
        await upstream.close()
      }
    })
  }

  test('is replaced once only', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    await drain((await upstream.send(requestTo(origin))).body)
    await settle()
    origin.handle(hangUp())
    expect(await failureOf(upstream.send(requestTo(origin)))).toMatchObject({ code: 'BadGateway' })
    expect(origin.requests.length).toBe(3)
    await upstream.close()
  })

  test('is not replaced once a byte of an answer has come', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    await drain((await upstream.send(requestTo(origin))).body)
    await settle()
    origin.script(async (exchange) => {
      await exchange.write('HTTP/1.1 ')
      exchange.end()
    })
    expect(await failureOf(upstream.send(requestTo(origin)))).toMatchObject({ code: 'BadGateway' })
    expect(origin.requests.length).toBe(2)
    await upstream.close()
  })

  test('is not replaced for a request that may have had an effect', async () => {
    for (const method of ['DELETE', 'POST']) {
      await using origin = await startFakeOrigin({ handler: ok })
      const upstream = createUpstream()
      await drain((await upstream.send(requestTo(origin))).body)
      await settle()
      origin.script(hangUp())
      expect(await failureOf(upstream.send(requestTo(origin, { method })))).toMatchObject({ code: 'BadGateway' })
      expect(origin.requests.length).toBe(2)
      await upstream.close()
    }
  })

  test('is not replaced for a body that has begun', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    await drain((await upstream.send(uploadTo(origin, 'hello'))).body)
    await settle()
    origin.script(hangUp())
    const source = createManualSource()
    source.push(Buffer.from('hel'))
    const upload = uploadTo(origin, 'hello', { body: { source } })
    expect(await failureOf(upstream.send(upload))).toMatchObject({ code: 'BadGateway' })
    expect(source.cancelled).toBe(true)
    expect(origin.requests.length).toBe(2)
    await upstream.close()
  })

  test('is replaced for a body that the store has not asked for', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    await drain((await upstream.send(uploadTo(origin, 'hello'))).body)
    await settle()
    origin.script(hangUp(), interimThen(ok))
    const response = await upstream.send(uploadTo(origin, 'hello', { headers: ['Expect', '100-continue'] }))
    expect((await drain(response.body)).text).toBe('ok')
    expect(origin.requests.map(({ connection }) => connection)).toEqual([0, 0, 1])
    expect(origin.requests[2]?.body.toString()).toBe('hello')
    await upstream.close()
  })

  test('is not even tried when its end is known', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    for (const draft of [requestTo(origin), uploadTo(origin, 'hello')]) {
      const before = origin.connections.accepted
      await drain((await upstream.send(draft)).body)
      await settle()
      origin.dropConnections()
      await settle()
      const again = draft.body === undefined ? draft : uploadTo(origin, 'hello')
      await drain((await upstream.send(again)).body)
      expect(origin.connections.accepted).toBe(before + 2)
    }
    expect(origin.requests.length).toBe(4)
    await upstream.close()
  })
})

describe('several addresses', () => {
  function spread(addresses: readonly string[], options: UpstreamOptions = {}) {
    return createUpstream({ endpointOverrides: { 's3.test': addresses }, ...options })
  }

  test('are used in turn', async () => {
    await using first = await startFakeOrigin({ handler: ok })
    await using second = await startFakeOrigin({ handler: ok })
    const upstream = spread([`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`])
    for (let i = 0; i < 6; i++) await drain((await upstream.send(requestTo(store))).body)
    expect([first.requests.length, second.requests.length]).toEqual([3, 3])
    await upstream.close()
  })

  for (const [name, draft] of Object.entries({ 'without a body': requestTo, 'with a body': upload })) {
    test(`are tried until one can be connected to, for a request ${name}`, async () => {
      await using origin = await startFakeOrigin({ handler: ok })
      const upstream = spread([refused, '127.0.0.1:2', `127.0.0.1:${origin.port}`, '127.0.0.1:3'])
      for (let i = 0; i < 4; i++) {
        const response = await upstream.send(draft(store))
        expect((await drain(response.body)).text).toBe('ok')
      }
      expect(origin.requests.length).toBe(4)
      await upstream.close()
    })

    test(`fail together when none can be connected to, for a request ${name}`, async () => {
      const upstream = spread([refused, '127.0.0.1:2'])
      const request = draft(store)
      expect(await failureOf(upstream.send(request))).toMatchObject({
        code: 'BadGateway',
        reason: 'connect-failed',
        retryable: true,
      })
      await upstream.close()
    })
  }

  test('are not tried once a request has been sent', async () => {
    await using first = await startFakeOrigin({ handler: hangUp() })
    await using second = await startFakeOrigin({ handler: ok })
    const upstream = spread([`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`])
    expect(await failureOf(upstream.send(requestTo(store)))).toMatchObject({ code: 'BadGateway' })
    expect(second.requests.length).toBe(0)
    await upstream.close()
  })

  test('that swallow packets use up the time of two attempts, not of all', async () => {
    const clock = createManualClock()
    // a TLS handshake with a server that says nothing never ends
    const handshakes = createGate('handshakes')
    await using mute = await startFakeOrigin({ handler: behind(handshakes, ok) })
    const upstream = spread(new Array(8).fill(`127.0.0.1:${mute.port}`), { clock, connectTimeoutMs: 1_000 })
    const failure = failureOf(upstream.send(requestTo({ ...store, url: 'https://s3.test' })))
    for (let i = 0; i < 4; i++) {
      await until(() => mute.connections.accepted > Math.min(i, 1))
      await clock.advanceAsync(1_000)
    }
    expect(await failure).toMatchObject({ code: 'GatewayTimeout', reason: 'connect-timeout' })
    expect(mute.connections.accepted).toBe(2)
    await upstream.close()
  })
})

describe('connections to one address', () => {
  test('are no more than allowed; requests beyond wait in order', async () => {
    for (const draft of [requestTo, upload]) {
      const gate = createGate('answers')
      await using origin = await startFakeOrigin({ handler: behind(gate, ok) })
      const upstream = createUpstream({ maxConnectionsPerAddress: 2 })
      const responses = Array.from({ length: 6 }, (_, i) => upstream.send({ ...draft(origin), target: `/${i}` }))
      await origin.received(2)
      await settle()
      expect(origin.connections.accepted).toBe(2)
      gate.open()
      for (const response of responses) await drain((await response).body)
      expect(origin.connections.accepted).toBe(2)
      expect(origin.requests.map(({ target }) => target)).toEqual(['/0', '/1', '/2', '/3', '/4', '/5'])
      await upstream.close()
    }
  })

  test('are waited for only as long as connecting and answering may take', async () => {
    for (const draft of [requestTo, upload]) {
      const clock = createManualClock()
      const gate = createGate('answers')
      await using origin = await startFakeOrigin({ handler: behind(gate, ok) })
      const options = { clock, connectTimeoutMs: 1_000, firstByteTimeoutMs: 9_000, maxConnectionsPerAddress: 1 }
      const upstream = createUpstream(options)
      const held = upstream.send({ ...draft(origin), timeouts: { firstByteMs: 60_000 } })
      await origin.received(1)
      const failure = failureOf(upstream.send(draft(origin)))
      await clock.advanceAsync(9_999)
      await clock.advanceAsync(1)
      expect(await failure).toMatchObject({ code: 'GatewayTimeout', reason: 'no-free-connection' })
      gate.open()
      await drain((await held).body)
      await drain((await upstream.send(draft(origin))).body)
      await upstream.close()
      expect(clock.pendingTimers).toBe(0)
    }
  })

  test('are given up by a request that leaves the queue', async () => {
    for (const draft of [requestTo, upload]) {
      const gate = createGate('answers')
      await using origin = await startFakeOrigin({ handler: behind(gate, ok) })
      const upstream = createUpstream({ maxConnectionsPerAddress: 1 })
      const held = upstream.send(draft(origin))
      await origin.received(1)
      const abort = new AbortController()
      const failure = failureOf(upstream.send({ ...draft(origin), signal: abort.signal }))
      abort.abort()
      expect(await failure).toMatchObject({ code: 'ClientClosed' })
      gate.open()
      await drain((await held).body)
      await drain((await upstream.send(draft(origin))).body)
      expect(origin.requests.length).toBe(2)
      await upstream.close()
    }
  })
})

describe('closing', () => {
  test('waits for what is under way, and refuses what comes after', async () => {
    for (const draft of [requestTo, upload]) {
      const gate = createGate('answers')
      await using origin = await startFakeOrigin({ handler: behind(gate, ok) })
      const upstream = createUpstream()
      const response = upstream.send(draft(origin))
      await origin.received(1)
      let closed = false
      const closing = upstream.close().then(() => {
        closed = true
      })
      expect(await failureOf(upstream.send(draft(origin)))).toMatchObject({
        code: 'ServiceUnavailable',
        reason: 'closed',
      })
      await settle()
      expect(closed).toBe(false)
      gate.open()
      await drain((await response).body)
      await closing
      await until(() => origin.connections.open === 0)
    }
  })

  test('closes idle connections', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    await drain((await upstream.send(requestTo(origin))).body)
    await drain((await upstream.send(upload(origin))).body)
    await settle()
    expect(origin.connections.open).toBe(2)
    await upstream.close()
    await until(() => origin.connections.open === 0)
  })

  test('spares no request that still waits for an address', async () => {
    const found = Promise.withResolvers<readonly string[]>()
    const upstream = createUpstream({ resolver: { resolve: () => found.promise } })
    const failure = failureOf(upstream.send(requestTo(store)))
    await upstream.close()
    found.resolve(['127.0.0.1'])
    expect(await failure).toMatchObject({ code: 'ServiceUnavailable', reason: 'closed' })
  })
})

function upload(target: Target) {
  return uploadTo(target, 'hello')
}

/** Lets the event loop turn until everything on the loopback has settled. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Lets the event loop turn until `condition` holds; the test's own time limit ends it otherwise. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
