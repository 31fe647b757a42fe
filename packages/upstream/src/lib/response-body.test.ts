import { type MemoryBudget, minRunBytes, ProxyError, unlimitedBudget } from '@s3proxy/protocol'
import { createManualClock } from '@s3proxy/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ResponseBody } from './response-body.ts'
import { drain } from './testing.ts'

function setUp(maxBufferedBytes = 8, budget: MemoryBudget = unlimitedBudget) {
  const clock = createManualClock()
  const calls: string[] = []
  const feed = {
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
    abort: (error: unknown) => void calls.push(error === undefined ? 'cancel' : 'abort'),
  }
  return { body: new ResponseBody(feed, { clock, maxBufferedBytes, idleTimeoutMs: 1_000, budget }), clock, calls }
}
const bytes = (text: string): Uint8Array => Buffer.from(text)
const broken = new ProxyError('UpstreamTruncated', { source: 'upstream' })

test('bytes at hand are given without a promise', () => {
  const { body, calls } = setUp()
  body.push(bytes('abc'))
  body.push(bytes(''))
  body.end()
  expect(body.next()).toEqual(bytes('abc'))
  expect(body.next()).toBeNull()
  expect(calls).toEqual([])
})

test('what is held is charged while it is held, and is less when memory is short', () => {
  const account = { isOpen: false, held: 0 }
  const budget: MemoryBudget = {
    fits: () => false,
    open() {
      account.isOpen = true
      return {
        hold: (held) => void Object.assign(account, { held }),
        close: () => void Object.assign(account, { isOpen: false }),
      }
    },
  }
  const { body, calls } = setUp(8 * minRunBytes, budget)
  const waiting = body.next()
  body.push(Buffer.alloc(10))
  expect([waiting instanceof Promise, account.isOpen]).toEqual([true, false])
  body.push(Buffer.alloc(minRunBytes - 1))
  expect([account.isOpen, account.held, calls]).toEqual([true, minRunBytes - 1, []])
  body.push(Buffer.alloc(1))
  expect([account.held, calls]).toEqual([minRunBytes, ['pause']])
  body.next()
  expect(account.held).toBe(1)
  body.next()
  expect(account.isOpen).toBe(false)
  body.push(Buffer.alloc(10))
  body.cancel()
  expect(account.isOpen).toBe(false)
})

test('reading pauses when enough is held and goes on when half of it is gone', () => {
  const { body, calls } = setUp(8)
  for (let i = 0; i < 4; i++) body.push(bytes('abc'))
  expect(calls).toEqual(['pause'])
  body.next()
  body.next()
  expect(calls).toEqual(['pause'])
  body.next()
  expect(calls).toEqual(['pause', 'resume'])
})

test('reading pauses for many small pieces as well', () => {
  const { body, calls } = setUp(1_000_000)
  for (let i = 0; i < 300; i++) body.push(bytes('a'))
  expect(calls).toEqual(['pause'])
})

test('a failure comes after the bytes before it, and again for who asks again', async () => {
  const { body } = setUp()
  body.push(bytes('abc'))
  body.fail(broken)
  body.push(bytes('late'))
  body.end()
  expect(await drain(body)).toEqual({ text: 'abc', error: broken })
  expect(() => body.next()).toThrow(broken)
})

describe('a reader that waits', () => {
  test('gets what comes', async () => {
    const { body, clock } = setUp()
    const next = body.next()
    body.push(bytes('abc'))
    expect(await next).toEqual(bytes('abc'))
    const end = body.next()
    body.end()
    expect(await end).toBeNull()
    expect(clock.pendingTimers).toBe(0)
  })

  test('fails with the connection', async () => {
    const { body } = setUp()
    const next = body.next()
    body.fail(broken)
    await expect(next).rejects.toBe(broken)
  })

  test('is not told of a clean end by cancel', async () => {
    const { body, calls } = setUp()
    const next = body.next()
    body.cancel()
    await expect(next).rejects.toMatchObject({ code: 'ClientClosed' })
    expect(calls).toEqual(['cancel'])
    expect(() => body.next()).toThrow()
  })

  test('waits no longer than the idle time', async () => {
    const { body, clock, calls } = setUp()
    const next = body.next()
    clock.advance(999)
    expect(calls).toEqual([])
    clock.advance(1)
    await expect(next).rejects.toMatchObject({ code: 'GatewayTimeout', reason: 'idle-timeout' })
    expect(calls).toEqual(['abort'])
  })
})

test('cancel after the end closes nothing', () => {
  const { body, calls } = setUp()
  body.push(bytes('abc'))
  body.end()
  body.cancel()
  expect(calls).toEqual([])
})

test('destroy gives no more bytes', () => {
  const { body } = setUp()
  body.push(bytes('abc'))
  body.destroy(broken)
  expect(() => body.next()).toThrow(broken)
})

test('any interleaving of arrivals and reads gives the same bytes, within the bound', async () => {
  const step = fc.oneof(fc.constant('read' as const), fc.uint8Array({ minLength: 1, maxLength: 6 }))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { body } = setUp(16)
      const sent: number[] = []
      const got: number[] = []
      let pending: Promise<void> | undefined
      const read = (): void => {
        const next = body.next()
        if (next instanceof Promise) pending = next.then((chunk) => void got.push(...(chunk ?? [])))
        else got.push(...(next ?? []))
      }
      for (const item of steps) {
        if (item !== 'read') {
          sent.push(...item)
          body.push(item)
          await pending
          pending = undefined
        } else if (pending === undefined) read()
      }
      body.end()
      await pending
      for (let chunk = body.next(); chunk !== null; chunk = body.next()) got.push(...(chunk as Uint8Array))
      expect(got).toEqual(sent)
    }),
  )
})

test('a body that waits for its reader keeps the connection paused until it is asked', async () => {
  const { body, calls } = setUp()
  body.awaitReader()
  body.push(bytes('a'))
  expect(calls).toEqual(['pause'])
  expect(body.next()).toEqual(bytes('a'))
  expect(calls).toEqual(['pause', 'resume'])

  const empty = setUp()
  empty.body.awaitReader()
  const waiting = empty.body.next()
  expect(empty.calls).toEqual(['pause', 'resume'])
  empty.body.push(bytes('b'))
  expect(await waiting).toEqual(bytes('b'))
})
