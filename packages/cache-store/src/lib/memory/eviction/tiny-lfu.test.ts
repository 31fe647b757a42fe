import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evictionContract } from '../../testing/eviction-contract.ts'
import type { Ticket } from './eviction.ts'
import { createTinyLfu } from './tiny-lfu.ts'

describe('W-TinyLFU keeps the contract', () => {
  for (const { name, run } of evictionContract(() => createTinyLfu({ seed: 1 }))) it(name, run)
})

interface Thing {
  readonly owner: number
  readonly identity: string
  readonly weight: number
}

const bytesOf = (things: readonly Thing[]): number => things.reduce((sum, { weight }) => sum + weight, 0)
const windowShare = 0.1
const capacity = 200

/** W-TinyLFU over plain arrays with exact counts, the window as it is. */
class Model {
  window: Thing[] = []
  probation: Thing[] = []
  shielded: Thing[] = []
  uses = new Map<string, number>()
  mainBytes = Number.POSITIVE_INFINITY
  landing = 0
  winner: Thing | undefined

  count(identity: string): void {
    this.uses.set(identity, Math.min((this.uses.get(identity) ?? 0) + 1, 15))
  }

  add(thing: Thing): void {
    this.count(thing.identity)
    this.window.push(thing)
  }

  hit(owner: number): void {
    const is = (thing: Thing): boolean => thing.owner === owner
    const thing = [...this.window, ...this.probation, ...this.shielded].find(is)
    if (thing === undefined) return
    this.count(thing.identity)
    const inWindow = this.window.includes(thing)
    this.remove(owner)
    if (inWindow) {
      this.window.push(thing)
      return
    }
    this.shielded.push(thing)
    while (this.shielded.length > 1 && bytesOf(this.shielded) > this.mainBytes * 0.8) {
      this.probation.push(this.shielded.shift() as Thing)
    }
  }

  remove(owner: number): void {
    for (const part of ['window', 'probation', 'shielded'] as const) {
      this[part] = this[part].filter((thing) => thing.owner !== owner)
    }
  }

  evict(incoming: number): number | undefined {
    this.landing = Math.max(incoming, (this.landing * 1023) / 1024)
    const windowBytes = Math.max(capacity * windowShare, this.landing)
    const mainBytes = capacity - windowBytes
    this.mainBytes = mainBytes
    for (;;) {
      const main = [...this.probation, ...this.shielded]
      if (bytesOf(main) <= mainBytes) this.winner = undefined
      const { winner } = this
      const order = main.filter((thing) => thing !== winner)
      const first = order[0] ?? main[0]
      const out = (thing: Thing): number => {
        this.remove(thing.owner)
        return thing.owner
      }
      if (first !== undefined && bytesOf(main) > mainBytes) {
        if (winner !== undefined) return out(first)
        this.remove(first.owner)
        this.window.push(first)
        continue
      }
      const candidate = this.window[0]
      if (candidate === undefined) return first === undefined ? undefined : out(first)
      const isOver = bytesOf(this.window) + incoming > windowBytes
      if (isOver && bytesOf(main) + candidate.weight <= mainBytes) {
        this.window.shift()
        this.probation.push(candidate)
        continue
      }
      if (first === undefined) return out(candidate)
      const uses = this.uses.get(first.identity) ?? 0
      const candidateUses = this.uses.get(candidate.identity) ?? 0
      if (!isOver) return out(candidateUses > uses ? first : candidate)
      let missing = bytesOf(main) + candidate.weight - mainBytes
      let against = 0
      for (const thing of main) {
        if (missing <= 0) break
        against += this.uses.get(thing.identity) ?? 0
        missing -= thing.weight
      }
      if (against >= candidateUses) return out(candidate)
      this.window.shift()
      this.probation.push(candidate)
      this.winner = candidate
    }
  }
}

describe('createTinyLfu', () => {
  it('does what a model with exact counts does', () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'add', 'add', 'hit', 'hit', 'hit', 'remove', 'evict', 'evict'),
      which: fc.nat(11),
      weight: fc.integer({ min: 1, max: 30 }),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
        const policy = createTinyLfu<number>({ seed: 3, windowShare, maxWindowShare: windowShare })
        const model = new Model()
        const tickets: Ticket<number>[] = []
        for (const { kind, which, weight } of steps) {
          const ticket = tickets[tickets.length - 1 - which]
          if (kind === 'add') {
            const owner = tickets.length
            tickets.push(policy.add(owner, `k${which}`, weight))
            model.add({ owner, identity: `k${which}`, weight })
          } else if (kind === 'evict') {
            expect(policy.evict(weight, capacity)).toBe(model.evict(weight))
          } else if (ticket !== undefined && kind === 'hit') {
            policy.hit(ticket)
            model.hit(ticket.owner)
          } else if (ticket !== undefined) {
            policy.remove(ticket)
            model.remove(ticket.owner)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('keeps what was used often while things used once pass by, even if it rests meanwhile', () => {
    const policy = createTinyLfu<string>({ seed: 1 })
    const hot = Array.from({ length: 60 }, (_, index) => policy.add(`hot${index}`, `hot${index}`, 1))
    for (let index = 0; index < 40; index++) policy.add(`early${index}`, `early${index}`, 1)
    policy.evict(1, 100)
    for (let use = 0; use < 4; use++) for (const ticket of hot) policy.hit(ticket)
    const left: (string | undefined)[] = []
    for (let index = 0; index < 1000; index++) {
      if (index > 0) left.push(policy.evict(1, 100))
      policy.add(`cold${index}`, `cold${index}`, 1)
    }
    expect(left.filter((owner) => owner?.startsWith('hot'))).toEqual([])
  })

  it('lets a large thing in only if it has been used more than everything that would have to leave', () => {
    const outcome = (uses: number): string[] => {
      const policy = createTinyLfu<string>({ seed: 1 })
      for (let index = 0; index < 100; index++) policy.hit(policy.add(`s${index}`, `s${index}`, 10))
      const left: string[] = []
      for (let index = 0; index < 5; index++) left.push(policy.evict(50, 1000) ?? '')
      const large = policy.add('large', 'large', 50)
      for (let use = 1; use < uses; use++) policy.hit(large)
      return [...left, policy.evict(10, 1000) ?? '']
    }
    // Five small things, each used twice, against one.
    expect(outcome(10).at(-1)).toBe('large')
    expect(outcome(11).at(-1)).not.toBe('large')
  })
})
