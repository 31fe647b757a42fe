import { bufferSource } from '@s3proxy/protocol'
import { describe, expect, it } from 'vitest'
import { createBroadcast } from './broadcast.ts'
import { createFlights } from './flights.ts'

const whole = { start: 0, end: 3 }

function broadcastOf(text: string) {
  return createBroadcast({
    source: bufferSource(Buffer.from(text)),
    range: whole,
    spill: { write: () => undefined, read: () => bufferSource() },
    finishBytes: 10,
    lengthError: () => new Error('length'),
    onEnd: () => undefined,
  })
}

describe('createFlights', () => {
  it('lets followers wait for the head and join until the flight has settled', async () => {
    const flights = createFlights<string>()
    expect(flights.awaited('k', whole)).toBeUndefined()
    const expectation = flights.expect('k', whole)
    const awaited = flights.awaited('k', undefined)
    expect(awaited).toBeInstanceOf(Promise)
    const broadcast = broadcastOf('abc')
    expectation.lead({ representation: 'v1', broadcast, askedAt: 1, isCurrent: () => true })
    expect(await awaited).toBe('led')
    expect(flights.of('k').map((flight) => flight.representation)).toEqual(['v1'])
    await broadcast.settled
    await flights.idle()
    expect(flights.of('k')).toEqual([])
  })

  it('does not make disjoint ranges wait, and hides flights older than a write', async () => {
    const flights = createFlights<string>()
    const expectation = flights.expect('k', { start: 0, end: 10 })
    expect(flights.awaited('k', { start: 10, end: 20 })).toBeUndefined()
    expect(flights.awaited('k', { start: 9, end: 20 })).toBeInstanceOf(Promise)
    const broadcast = broadcastOf('abc')
    expectation.lead({ representation: 'v1', broadcast, askedAt: 1, isCurrent: () => false })
    expect(flights.of('k')).toEqual([])
    await broadcast.settled
  })

  it('wakes those who wait when the leader has nothing to share', async () => {
    const flights = createFlights<string>()
    const expectation = flights.expect('k', undefined)
    const awaited = flights.awaited('k', whole)
    expectation.release()
    expect(await awaited).toBe('released')
    expect(flights.of('k')).toEqual([])
    expect(flights.awaited('k', whole)).toBeUndefined()
  })
})
