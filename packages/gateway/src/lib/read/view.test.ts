import type { Held, Representation } from '@s3proxy/cache-store'
import type { Flight } from '@s3proxy/coordinator'
import { type ByteRange, parseRangeHeader } from '@s3proxy/protocol'
import { describe, expect, it } from 'vitest'
import { currentView, planPieces, resolveWanted } from './view.ts'

const one: Representation = { key: 'k', etag: '"1"', size: 100, headers: [], checksums: false }
const two: Representation = { ...one, etag: '"2"' }
const heldOf = (representation: Representation, ...ranges: ByteRange[]): Held => ({
  representation,
  validatedAt: 5,
  extents: ranges.map((range) => ({ ...range, tier: 'memory' as const })),
})
const flightOf = (representation: Representation, range: ByteRange, keepsAll = true): Flight<Representation> => ({
  representation,
  broadcast: { range, keepsAll, join: () => undefined, settled: Promise.resolve() },
  askedAt: 9,
  isCurrent: () => true,
})

describe('currentView', () => {
  it('is nothing where nothing is known', () => {
    expect(currentView(undefined, [])).toBeUndefined()
  })

  it('prefers what a fill under way has heard to what is stored', () => {
    const flight = flightOf(two, { start: 0, end: 100 })
    expect(currentView(heldOf(one), [flight])).toMatchObject({
      representation: two,
      validatedAt: 9,
      held: undefined,
    })
    expect(currentView(heldOf(two), [flight])).toMatchObject({ representation: two, held: { validatedAt: 5 } })
  })

  it('joins no fill whose pace its slowest reader sets', () => {
    const alone = flightOf(one, { start: 0, end: 100 }, false)
    expect(currentView(undefined, [alone])).toBeUndefined()
    expect(currentView(heldOf(one), [alone])).toMatchObject({ representation: one, flights: [] })
  })

  it('trusts only the store when fills under way disagree', () => {
    const flights = [flightOf(one, { start: 0, end: 1 }), flightOf(two, { start: 0, end: 1 })]
    expect(currentView(heldOf(one), flights)).toMatchObject({ representation: one, validatedAt: 5, flights: [] })
    expect(currentView(undefined, flights)).toBeUndefined()
  })
})

describe('planPieces', () => {
  it('covers what extents and fills hold together, and nothing with a gap', () => {
    const view = currentView(heldOf(one, { start: 0, end: 40 }), [flightOf(one, { start: 30, end: 100 })])
    if (view === undefined) throw new Error('no view')
    const kinds = (range: ByteRange) => {
      const planned = planPieces(view, range)
      return planned.kind === 'gaps'
        ? 'gaps'
        : planned.pieces.map(({ kind, range: part }) => [kind, part.start, part.end])
    }
    expect(kinds({ start: 10, end: 20 })).toEqual([['held', 10, 20]])
    expect(kinds({ start: 10, end: 100 })).toEqual([
      ['held', 10, 40],
      ['flight', 40, 100],
    ])
    expect(kinds({ start: 7, end: 7 })).toEqual([])
    const short = currentView(heldOf(one, { start: 0, end: 40 }), [])
    expect(short === undefined ? undefined : planPieces(short, { start: 0, end: 41 }).kind).toBe('gaps')
  })
})

it('goes from fill to fill, and leaves only what none has', () => {
  const flights = [
    flightOf(one, { start: 0, end: 50 }),
    flightOf(one, { start: 40, end: 60 }),
    flightOf(one, { start: 80, end: 90 }),
  ]
  const view = currentView(undefined, flights)
  if (view === undefined) throw new Error('no view')
  const short = planPieces(view, { start: 10, end: 60 })
  expect(short.kind === 'covered' ? short.pieces.map(({ range }) => [range.start, range.end]) : short).toEqual([
    [10, 50],
    [50, 60],
  ])
  expect(planPieces(view, { start: 0, end: 100 })).toEqual({
    kind: 'gaps',
    gaps: [
      { start: 60, end: 80 },
      { start: 90, end: 100 },
    ],
  })
})

describe('resolveWanted', () => {
  it.each([
    [undefined, { kind: 'wanted', range: { start: 0, end: 100 }, partial: false }],
    ['bytes=90-', { kind: 'wanted', range: { start: 90, end: 100 }, partial: true }],
    ['bytes=100-', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
  ])('%s of 100 bytes', (value, expected) => {
    expect(resolveWanted(100, value === undefined ? undefined : parseRangeHeader(value))).toEqual(expected)
  })
})
