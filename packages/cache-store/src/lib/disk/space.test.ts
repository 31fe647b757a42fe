import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountCount, createSpace, type Reservation, type Space } from './space.ts'

function create(
  options: { maxBytes?: number; assumedBytes?: number; headroomBytes?: number; onShortage?: () => void } = {},
): Space {
  return createSpace({ maxBytes: 1000, assumedBytes: 0, headroomBytes: 0, onShortage: () => undefined, ...options })
}

function reserve(space: Space, bytes: number): Reservation {
  const room = space.reserve(bytes)
  if (room.kind === 'refused') throw new Error(room.reason)
  return room.reservation
}

describe('the account', () => {
  it('does not take what was just stored for a shortage, though it fills most of the room', () => {
    const shortages: number[] = []
    const space: Space = create({ onShortage: () => shortages.push(space.shortage) })
    const reservation = reserve(space, 800)
    space.add(0, 800, reservation)
    reservation.release()
    expect([space.usedBytes, space.reservedBytes, shortages]).toEqual([800, 0, []])
  })

  it('never exceeds its bound, and gives back all it was given', () => {
    const step = fc.record({
      kind: fc.constantFrom('reserve', 'write', 'release', 'free', 'giveUp', 'observe'),
      bytes: fc.nat(600),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const space = create()
        let open: { bytes: number; reservation: Reservation }[] = []
        let written: number[] = []
        for (const { kind, bytes } of steps) {
          const [first] = open
          if (kind === 'reserve') {
            const room = space.reserve(bytes)
            if (room.kind === 'reserved') open.push({ bytes, reservation: room.reservation })
            else expect(bytes).toBeGreaterThan(0)
          } else if (kind === 'write' && first?.reservation.granted === true) {
            space.add(bytes % 256, first.bytes, first.reservation)
            written.push(first.bytes)
            open = open.slice(1)
          } else if (kind === 'release' && first !== undefined) {
            first.reservation.release()
            first.reservation.release()
            open = open.slice(1)
          } else if (kind === 'free') {
            space.free(0, written[0] ?? 0)
            written = written.slice(1)
          } else if (kind === 'giveUp') {
            space.giveUp()
          } else if (kind === 'observe') {
            space.observe({ instances: 1 + (bytes % 3), grownBytes: 0, reservedBytes: 0 })
          }
          // Whoever waits is either granted, or there is something to evict for.
          if (space.hasWaiting) expect(space.shortage).toBeGreaterThan(0)
          expect(space.usedBytes + space.reservedBytes).toBeLessThanOrEqual(1000)
          expect(space.reservedBytes).toBeGreaterThanOrEqual(0)
        }
        for (const { reservation } of open) reservation.release()
        for (const bytes of written) space.free(0, bytes)
        expect([space.usedBytes, space.reservedBytes, space.hasWaiting]).toEqual([0, 0, false])
      }),
    )
  })

  it('lets one wait until others have left, first come first served', async () => {
    const space = create()
    space.add(1, 900)
    const first = reserve(space, 500)
    const second = reserve(space, 100)
    expect(second.granted).toBeInstanceOf(Promise)
    expect(space.shortage).toBe(500)
    space.free(1, 450)
    expect(await first.granted).toBe(true)
    space.free(1, 100)
    expect(await second.granted).toBe(true)
    expect([space.usedBytes, space.reservedBytes]).toEqual([350, 600])
  })

  it('refuses what can never fit, and what no eviction could make fit', () => {
    const space = create()
    expect(space.reserve(1001)).toEqual({ kind: 'refused', reason: 'too-large' })
    reserve(space, 700)
    expect(space.reserve(400)).toEqual({ kind: 'refused', reason: 'no-space' })
  })

  it('refuses those who wait when nothing more can leave', async () => {
    const space = create()
    space.add(1, 1000)
    const waiting = reserve(space, 10)
    space.giveUp()
    expect(await waiting.granted).toBe(false)
    waiting.release()
    expect(space.reservedBytes).toBe(0)
  })

  it('asks for room before it is gone', () => {
    let alerts = 0
    const space = createSpace({ maxBytes: 1000, assumedBytes: 0, headroomBytes: 200, onShortage: () => alerts++ })
    for (let account = 0; account < accountCount; account++) space.count(account, 0)
    reserve(space, 800)
    expect(alerts).toBe(0)
    reserve(space, 50)
    expect([alerts, space.shortage]).toEqual([1, 50])
  })

  it('counts bytes that readers hold open until they are released', () => {
    const space = create()
    space.add(1, 600)
    space.linger(600)
    space.free(1, 600)
    expect(space.usedBytes).toBe(600)
    expect(space.reserve(500)).toEqual({ kind: 'refused', reason: 'no-space' })
    space.released(600)
    expect(space.usedBytes).toBe(0)
  })

  it('rests on the assumption until everything has been counted', () => {
    const space = create({ assumedBytes: 1000 })
    for (let account = 0; account < accountCount; account++) {
      expect(space.usedBytes).toBe(1000)
      space.beginCount(account)
      space.count(account, account === 7 ? 300 : 0)
    }
    expect(space.usedBytes).toBe(300)
  })

  it('keeps what was added while it was being counted, on the safe side', () => {
    const space = create()
    for (let account = 0; account < accountCount; account++) {
      space.beginCount(account)
      if (account === 3) space.add(3, 100)
      space.count(account, account === 3 ? 40 : 0)
    }
    expect(space.usedBytes).toBe(140)
    space.beginCount(3)
    space.count(3, 140)
    expect(space.usedBytes).toBe(140)
  })

  it('shares a shortage of headroom with the others, but not that of someone who waits', () => {
    const space = create({ headroomBytes: 200 })
    for (let account = 0; account < accountCount; account++) space.count(account, 0)
    space.observe({ instances: 4, grownBytes: 900, reservedBytes: 0 })
    expect(space.shortage).toBe(25)
    reserve(space, 60)
    expect(space.shortage).toBe(85)
    space.free(1, 85)
    expect(space.shortage).toBe(0)
    reserve(space, 300)
    expect(space.shortage).toBe(175)
  })

  it('makes up for what others have reserved, and forgets it with the next walk', () => {
    const space = create()
    space.observe({ instances: 2, grownBytes: 300, reservedBytes: 500 })
    expect(space.reserve(600)).toEqual({ kind: 'refused', reason: 'no-space' })
    expect(space.usedBytes).toBe(300)
    space.beginWalk()
    space.observe({ instances: 2, grownBytes: 100, reservedBytes: 0 })
    for (let account = 0; account < accountCount; account++) space.count(account, account === 5 ? 350 : 0)
    space.endWalk()
    expect(space.usedBytes).toBe(450)
  })
})
