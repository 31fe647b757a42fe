import { createManualClock } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import { createSlots } from './slots.ts'

test('places are given in the order of asking', async () => {
  const slots = createSlots(2, createManualClock())
  const { signal } = new AbortController()
  expect(slots.acquire(signal, 1)).toEqual({ kind: 'granted' })
  expect(slots.acquire(signal, 1)).toEqual({ kind: 'granted' })
  const order: number[] = []
  const waits = [1, 2].map(async (number) => {
    await slots.acquire(signal, 1_000)
    order.push(number)
  })
  slots.release()
  await waits[0]
  expect(order).toEqual([1])
  slots.release()
  await waits[1]
  expect(order).toEqual([1, 2])
  slots.release()
  expect(slots.acquire(signal, 1)).toEqual({ kind: 'granted' })
})

test('one that gives up waiting takes no place, and leaves neither timer nor listener', async () => {
  const clock = createManualClock()
  const slots = createSlots(1, clock)
  const abort = new AbortController()
  slots.acquire(abort.signal, 1)
  const late = slots.acquire(abort.signal, 500)
  const leaving = slots.acquire(abort.signal, 1_000)
  clock.advance(500)
  expect(await late).toMatchObject({ kind: 'failed', error: { code: 'GatewayTimeout', reason: 'no-free-connection' } })
  abort.abort()
  expect(await leaving).toMatchObject({ kind: 'failed', error: { code: 'ClientClosed' } })
  expect(clock.pendingTimers).toBe(0)
  slots.release()
  expect(slots.acquire(new AbortController().signal, 1)).toEqual({ kind: 'granted' })
})
