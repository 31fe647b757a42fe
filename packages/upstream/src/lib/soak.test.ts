import { bufferSource } from '@s3proxy/protocol'
import {
  answer,
  answerEarly,
  createManualClock,
  dieMidBody,
  type FakeOrigin,
  garbage,
  hangUp,
  interimThen,
  type OriginHandler,
  silence,
  startFakeOrigin,
} from '@s3proxy/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { UpstreamRequest } from './client.ts'
import { createUpstream } from './create-upstream.ts'
import { drain, requestTo } from './testing.ts'

const body = 'abcdefghij'.repeat(10_000)
const stores: Record<string, OriginHandler> = {
  whole: answer({ body }),
  chunked: answer({ body, framing: 'chunked' }),
  untilClose: answer({ body, framing: 'close' }),
  notModified: answer({ status: 304, framing: 'given' }),
  interim: interimThen(answer({ body }), 102),
  early: answerEarly({ status: 403, body: 'no' }),
  cutShort: dieMidBody({ body }, 5_000, 'end'),
  reset: dieMidBody({ body }, 5_000, 'reset'),
  hangUp: hangUp(),
  garbage: garbage('what?\r\n\r\n'),
  silence: silence(),
}
const uploads = ['none', 'length', 'chunked', 'expect', 'broken'] as const
const readers = ['drain', 'cancel', 'abort-at-once', 'abort-in-body', 'abort-at-head'] as const

interface Step {
  readonly store: string
  readonly upload: (typeof uploads)[number]
  readonly reader: (typeof readers)[number]
}

const step: fc.Arbitrary<Step> = fc.record({
  store: fc.constantFrom(...Object.keys(stores)),
  upload: fc.constantFrom(...uploads),
  reader: fc.constantFrom(...readers),
})

function requestFor({ upload, store }: Step, origin: FakeOrigin, signal: AbortSignal): UpstreamRequest {
  const draft = { target: `/${store}`, signal }
  const length = ['Content-Length', String(body.length)]
  const send = (headers: readonly string[], source = bufferSource(Buffer.from(body))): UpstreamRequest =>
    requestTo(origin, { ...draft, method: 'PUT', headers: ['Host', 'a', ...headers], body: { source } })
  switch (upload) {
    case 'none':
      return requestTo(origin, draft)
    case 'length':
      return send(length)
    case 'chunked':
      return send(['Transfer-Encoding', 'chunked'])
    case 'expect':
      return send([...length, 'Expect', '100-continue'])
    case 'broken':
      return send(length, bufferSource(Buffer.from('too short')))
    default:
      return upload satisfies never
  }
}

test('whatever stores and callers do together, every answer is whole or fails, and nothing is left behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const clock = createManualClock()
      await using origin = await startFakeOrigin({
        handler: (exchange) => (stores[exchange.request.target.slice(1)] ?? silence())(exchange),
      })
      const upstream = createUpstream({ clock, maxConnectionsPerAddress: 4, maxBufferedBytes: 16_384 })
      let open = steps.length
      const runs = steps.map(async (item) => {
        const abort = new AbortController()
        if (item.reader === 'abort-at-once') queueMicrotask(() => abort.abort())
        const response = await upstream.send(requestFor(item, origin, abort.signal))
        if (item.reader === 'abort-at-head') abort.abort()
        if (item.reader === 'cancel') return response.body.cancel()
        if (item.reader === 'abort-in-body') {
          await response.body.next()
          abort.abort()
        }
        const { text, error } = await drain(response.body)
        const expected = response.status === 304 ? '' : response.status === 403 ? 'no' : body
        if (item.reader === 'drain' && error === undefined) expect(text).toBe(expected)
      })
      const outcomes = Promise.allSettled(runs.map((run) => run.finally(() => open--)))
      while (open > 0) await clock.advanceAsync(1_000)
      for (const outcome of await outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'ProxyError' })
      }
      await upstream.close()
      expect(clock.pendingTimers).toBe(0)
    }),
    { numRuns: 40 },
  )
})
