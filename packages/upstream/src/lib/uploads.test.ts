import { ProxyError } from '@s3proxy/protocol'
import {
  answer,
  answerEarly,
  behind,
  createGate,
  createManualClock,
  type FakeOrigin,
  interimThen,
  silence,
  startFakeOrigin,
} from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import { createUpstream } from './create-upstream.ts'
import { createManualSource, drain, failureOf, requestTo, uploadTo } from './testing.ts'

const ok = answer({ body: 'ok' })
const denied = answerEarly({ status: 403, body: '<Error/>' })

function manualUpload(origin: FakeOrigin, headers: readonly string[]) {
  const source = createManualSource()
  const request = requestTo(origin, { method: 'PUT', headers: ['Host', 'a', ...headers], body: { source } })
  return { source, request }
}

describe('a body on its way up', () => {
  for (const framing of [
    ['Content-Length', '6'],
    ['Transfer-Encoding', 'chunked'],
  ]) {
    test(`is sent as it comes (${framing[0]})`, async () => {
      await using origin = await startFakeOrigin({ handler: ok })
      const upstream = createUpstream()
      const { source, request } = manualUpload(origin, framing)
      const response = upstream.send(request)
      const { rawHead } = await origin.received(1)
      expect(rawHead.length).toBeGreaterThan(0)
      source.push(Buffer.from('abc'))
      await source.pulled(2)
      source.push(Buffer.from('def'))
      await source.pulled(3)
      source.push(null)
      expect((await drain((await response).body)).text).toBe('ok')
      expect(origin.requests[0]?.body.toString()).toBe('abcdef')
      expect(source).toMatchObject({ pulls: 3, cancelled: false })
      await upstream.close()
    })
  }

  test('is pulled no faster than the store reads it', async () => {
    const gate = createGate('read')
    await using origin = await startFakeOrigin({ handler: behind(gate, ok) })
    const upstream = createUpstream()
    const total = 64
    let pulls = 0
    const source = {
      next: () => (pulls++ < total ? Buffer.alloc(1024 * 1024) : null),
      cancel: () => undefined,
    }
    const headers = ['Host', 'a', 'Content-Length', String(total * 1024 * 1024)]
    const response = upstream.send(requestTo(origin, { method: 'PUT', headers, body: { source } }))
    await origin.received(1)
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(pulls).toBeLessThan(total / 2)
    gate.open()
    expect((await response).status).toBe(200)
    expect(origin.requests[0]?.body.length).toBe(total * 1024 * 1024)
    await drain((await response).body)
    await upstream.close()
  })

  test('that breaks closes the connection and fails with its own error', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    const { source, request } = manualUpload(origin, ['Content-Length', '6'])
    const failure = failureOf(upstream.send(request))
    source.push(Buffer.from('abc'))
    await source.pulled(2)
    const error = new ProxyError('ClientClosed', { source: 'client' })
    source.fail(error)
    expect(await failure).toBe(error)
    await upstream.close()
    expect(origin.requests[0]?.bodyEnd).not.toMatchObject({ kind: 'complete' })
  })

  for (const [what, chunks] of Object.entries({ shorter: ['ab', null], longer: ['ab', 'cdef', null] })) {
    test(`that is ${what} than its length is refused, and no second request can hide in it`, async () => {
      await using origin = await startFakeOrigin({ handler: silence() })
      const upstream = createUpstream()
      const { source, request } = manualUpload(origin, ['Content-Length', '4'])
      const failure = failureOf(upstream.send(request))
      for (const chunk of chunks) source.push(chunk === null ? null : Buffer.from(chunk))
      expect(await failure).toMatchObject({ code: 'InvalidRequest', reason: 'length-mismatch' })
      expect(source.cancelled).toBe(true)
      await upstream.close()
      expect(origin.requests.length).toBeLessThanOrEqual(1)
    })
  }

  test('is a gateway timeout when the store stops reading it', async () => {
    const clock = createManualClock()
    const gate = createGate('read')
    await using origin = await startFakeOrigin({ handler: behind(gate, ok) })
    const upstream = createUpstream({ clock, idleTimeoutMs: 1_000 })
    const source = { next: () => Buffer.alloc(1024 * 1024), cancel: () => undefined }
    const headers = ['Host', 'a', 'Transfer-Encoding', 'chunked']
    const failure = failureOf(upstream.send(requestTo(origin, { method: 'PUT', headers, body: { source } })))
    await origin.received(1)
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve))
    await clock.advanceAsync(1_000)
    expect(await failure).toMatchObject({ code: 'GatewayTimeout', reason: 'idle-timeout' })
    gate.open()
    await upstream.close()
    expect(clock.pendingTimers).toBe(0)
  })

  test('may come as slowly as the client likes', async () => {
    const clock = createManualClock()
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream({ clock, idleTimeoutMs: 1_000, firstByteTimeoutMs: 1_000, connectTimeoutMs: 1_000 })
    const { source, request } = manualUpload(origin, ['Content-Length', '3'])
    const response = upstream.send(request)
    for (const [index, byte] of [...'abc'].entries()) {
      await source.pulled(index + 1)
      await clock.advanceAsync(3_600_000)
      source.push(Buffer.from(byte))
    }
    source.push(null)
    expect((await response).status).toBe(200)
    await drain((await response).body)
    await upstream.close()
  })

  test('whose length has been sent does not wait for its end to be answered', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    const { source, request } = manualUpload(origin, ['Content-Length', '3'])
    const response = upstream.send(request)
    source.push(Buffer.from('abc'))
    const { status, body } = await response
    expect(status).toBe(200)
    expect(source.cancelled).toBe(false)
    source.push(null)
    await drain(body)
    await upstream.close()
  })

  test('leaves the connection for the next upload', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    for (let i = 0; i < 3; i++) await drain((await upstream.send(uploadTo(origin, 'hello'))).body)
    expect(origin.connections.accepted).toBe(1)
    await upstream.close()
  })
})

describe('a body that expects 100 Continue', () => {
  const headers = ['Content-Length', '3', 'Expect', '100-continue']

  test('is not pulled before the store asks for it', async () => {
    const gate = createGate('continue')
    await using origin = await startFakeOrigin({ handler: behind(gate, interimThen(ok)) })
    const upstream = createUpstream()
    const { source, request } = manualUpload(origin, headers)
    const seen: number[] = []
    const response = upstream.send({ ...request, onInformational: (status) => seen.push(status) })
    source.push(Buffer.from('abc'))
    source.push(null)
    await origin.received(1)
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    expect([source.pulls, seen]).toEqual([0, []])
    gate.open()
    expect((await drain((await response).body)).text).toBe('ok')
    expect(seen).toEqual([100])
    expect(origin.requests[0]?.body.toString()).toBe('abc')
    await upstream.close()
  })

  test('is never pulled after a final answer', async () => {
    await using origin = await startFakeOrigin({ handler: denied })
    const upstream = createUpstream()
    const { source, request } = manualUpload(origin, headers)
    const { status, body } = await upstream.send(request)
    expect(status).toBe(403)
    expect((await drain(body)).text).toBe('<Error/>')
    expect(source).toMatchObject({ pulls: 0, cancelled: true })
    await upstream.close()
    // the store may have been waiting for the body: such a connection is not used again
    expect(origin.connections.accepted).toBe(1)
  })

  test('is sent in the end to a store that does not know the expectation', async () => {
    const clock = createManualClock()
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream({ clock, continueTimeoutMs: 700 })
    const { source, request } = manualUpload(origin, headers)
    const response = upstream.send(request)
    source.push(Buffer.from('abc'))
    source.push(null)
    await origin.received(1)
    await clock.advanceAsync(699)
    expect(source.pulls).toBe(0)
    await clock.advanceAsync(1)
    expect((await response).status).toBe(200)
    await drain((await response).body)
    await upstream.close()
  })

  test('asked for twice is sent once', async () => {
    await using origin = await startFakeOrigin({ handler: interimThen(interimThen(ok)) })
    const upstream = createUpstream()
    const { body } = await upstream.send(uploadTo(origin, 'hello', { headers: ['Expect', '100-continue'] }))
    expect((await drain(body)).text).toBe('ok')
    expect(origin.requests[0]?.body.toString()).toBe('hello')
    await upstream.close()
  })

  test('may be no body at all', async () => {
    await using origin = await startFakeOrigin({ handler: interimThen(ok) })
    const upstream = createUpstream()
    for (const method of ['GET', 'PUT']) {
      const request = requestTo(origin, {
        method,
        headers: ['Host', 'a', 'Content-Length', '0', 'Expect', '100-continue'],
      })
      const seen: number[] = []
      const { body } = await upstream.send({ ...request, onInformational: (status) => seen.push(status) })
      expect((await drain(body)).text).toBe('ok')
      expect(seen).toEqual([100])
    }
    await upstream.close()
  })
})

describe('a final answer before the body has been sent', () => {
  test('arrives at once; the rest is not sent and the connection is not used again', async () => {
    await using origin = await startFakeOrigin({ handler: denied })
    const upstream = createUpstream()
    const { source, request } = manualUpload(origin, ['Content-Length', '6'])
    const response = upstream.send(request)
    source.push(Buffer.from('abc'))
    const { status, body } = await response
    expect(status).toBe(403)
    expect(source.cancelled).toBe(true)
    expect((await drain(body)).text).toBe('<Error/>')
    await drain((await upstream.send(uploadTo(origin, 'hello'))).body)
    expect(origin.connections.accepted).toBe(2)
    await upstream.close()
  })

  test('arrives even from a store that reads nothing', async () => {
    await using origin = await startFakeOrigin({ handler: denied })
    const upstream = createUpstream()
    const endless = { next: () => Buffer.alloc(1024 * 1024), cancel: () => undefined }
    const headers = ['Host', 'a', 'Transfer-Encoding', 'chunked']
    const response = await upstream.send(requestTo(origin, { method: 'POST', headers, body: { source: endless } }))
    expect(response.status).toBe(403)
    expect((await drain(response.body)).text).toBe('<Error/>')
    await upstream.close()
  })
})
