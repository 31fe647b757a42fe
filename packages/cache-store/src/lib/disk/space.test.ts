import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSpace, type Reservation, type Shared, type Space, type SpaceOptions } from './space.ts'

function create(options: Partial<SpaceOptions> = {}): Space {
  return createSpace({
    maxBytes: 1000,
    headroomBytes: 0,
    chunkBytes: 0,
    isCurrent: () => true,
    onShortage: () => undefined,
    onWant: () => undefined,
    ...options,
  })
}

/** An account to which everything has been handed out. */
function createClaimed(options: Partial<SpaceOptions> = {}): Space {
  const space = create(options)
  space.claim(1000)
  return space
}

function reserve(space: Space, bytes: number): Reservation {
  const room = space.reserve(bytes)
  if (room.kind === 'refused') throw new Error(room.reason)
  return room.reservation
}

function shared(options: Partial<Shared> = {}): Shared {
  return { instances: 1, unclaimedBytes: 0, elsewhereBytes: 0, reservedBytes: 0, counted: true, ...options }
}

describe('the account', () => {
  it('does not take what was just stored for a shortage, though it fills most of the room', () => {
    const shortages: number[] = []
    const space: Space = createClaimed({ onShortage: () => shortages.push(space.shortage) })
    const reservation = reserve(space, 800)
    reservation.spend(0, 500)
    reservation.spend(0, 300)
    reservation.release()
    expect([space.usedBytes, space.reservedBytes, shortages]).toEqual([800, 0, []])
  })

  it('never exceeds its claim, and gives back all it was given', () => {
    const step = fc.record({
      kind: fc.constantFrom('reserve', 'write', 'release', 'free', 'giveUp', 'claim', 'yield'),
      bytes: fc.nat(600),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const space = create()
        let claimed = 0
        let open: { bytes: number; reservation: Reservation }[] = []
        let written: number[] = []
        const observe = (): void => space.observe(shared({ unclaimedBytes: 1000 - claimed }))
        for (const { kind, bytes } of steps) {
          const [first] = open
          if (kind === 'reserve') {
            const room = space.reserve(bytes)
            if (room.kind === 'reserved') open.push({ bytes, reservation: room.reservation })
            else expect(bytes).toBeGreaterThan(0)
          } else if (kind === 'write' && first?.reservation.granted === true) {
            first.reservation.spend(bytes % 256, first.bytes)
            first.reservation.release()
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
          } else if (kind === 'claim') {
            claimed += space.wanted(1000 - claimed)
            space.claim(claimed)
            observe()
          } else if (kind === 'yield') {
            claimed -= space.yield()
            observe()
          }
          // Whoever waits is granted, can claim, or there is something to evict for.
          if (space.hasWaiting) expect(space.shortage + space.wanted(1000 - claimed)).toBeGreaterThan(0)
          expect(space.usedBytes + space.reservedBytes).toBeLessThanOrEqual(claimed)
          expect(claimed).toBeLessThanOrEqual(1000)
          expect(space.reservedBytes).toBeGreaterThanOrEqual(0)
        }
        for (const { reservation } of open) reservation.release()
        for (const bytes of written) space.free(0, bytes)
        expect([space.usedBytes, space.reservedBytes, space.hasWaiting]).toEqual([0, 0, false])
      }),
    )
  })

  it('lets one wait until others have left, first come first served', async () => {
    const space = createClaimed()
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
    const space = createClaimed()
    expect(space.reserve(1001)).toEqual({ kind: 'refused', reason: 'too-large' })
    reserve(space, 700)
    expect(space.reserve(400)).toEqual({ kind: 'refused', reason: 'no-space' })
    space.observe(shared({ reservedBytes: 200 }))
    space.claim(750)
    expect(space.reserve(110)).toEqual({ kind: 'refused', reason: 'no-space' })
  })

  it('refuses those who wait when nothing more can leave', async () => {
    const space = createClaimed()
    space.add(1, 1000)
    const waiting = reserve(space, 10)
    space.giveUp()
    expect(await waiting.granted).toBe(false)
    waiting.release()
    expect(space.reservedBytes).toBe(0)
  })

  it('tells who waits for what has been released that nothing comes', async () => {
    const space = createClaimed()
    space.add(1, 1000)
    const waiting = reserve(space, 10)
    waiting.release()
    expect(await waiting.granted).toBe(false)
  })

  it('asks for room before it is gone', () => {
    let alerts = 0
    const space = createClaimed({ headroomBytes: 200, onShortage: () => alerts++ })
    space.observe(shared())
    reserve(space, 800)
    expect(alerts).toBe(0)
    reserve(space, 50)
    expect([alerts, space.shortage]).toEqual([1, 50])
  })

  it('evicts for no headroom as long as all rests on an assumption', () => {
    const space = createClaimed({ headroomBytes: 200 })
    space.observe(shared({ counted: false }))
    reserve(space, 900)
    expect(space.shortage).toBe(0)
  })

  it('counts bytes that readers hold open until they are released', () => {
    const space = createClaimed()
    space.add(1, 600)
    space.linger(600)
    space.free(1, 600)
    expect(space.usedBytes).toBe(600)
    expect(space.reserve(500)).toEqual({ kind: 'refused', reason: 'no-space' })
    space.released(600)
    expect(space.usedBytes).toBe(0)
  })

  it('keeps a chunk ahead of what is reserved, and gives back what is more than two', () => {
    let wants = 0
    const space = create({ chunkBytes: 100, onWant: () => wants++ })
    space.observe(shared({ unclaimedBytes: 1000 }))
    expect([wants, space.wanted(1000), space.wanted(30)]).toEqual([1, 100, 30])
    space.claim(100)
    expect(space.wanted(900)).toBe(0)
    reserve(space, 60)
    expect([wants, space.wanted(900)]).toEqual([2, 60])
    space.claim(500)
    expect([space.yield(), space.yield()]).toEqual([340, 0])
  })

  it('makes its part of the headroom, and all that someone waits for', () => {
    const space = create({ headroomBytes: 200 })
    space.observe(shared({ instances: 4, unclaimedBytes: 100 }))
    expect(space.shortage).toBe(25)
    reserve(space, 300)
    expect(space.shortage).toBe(200)
  })

  it('gives back everything when the bound has become smaller, and makes room', () => {
    const space = create({ chunkBytes: 100 })
    space.claim(150)
    space.observe(shared({ instances: 2, unclaimedBytes: -600 }))
    expect(space.yield()).toBe(150)
    expect(space.shortage).toBe(300)
  })

  it('grants nothing on a claim that does not stand', async () => {
    let isCurrent = false
    const space = createClaimed({ isCurrent: () => isCurrent })
    const reservation = reserve(space, 10)
    expect(reservation.granted).toBeInstanceOf(Promise)
    isCurrent = true
    space.claim(1000)
    expect(await reservation.granted).toBe(true)
  })

  it('begins anew with what is reserved when its claim has been taken over', () => {
    const space = createClaimed()
    space.add(1, 300)
    const reservation = reserve(space, 200)
    space.reset()
    expect([space.usedBytes, space.reservedBytes, space.freeBytes]).toEqual([0, 200, -200])
    expect(space.wanted(1000)).toBe(200)
    reservation.release()
    expect(space.freeBytes).toBe(0)
  })
})
