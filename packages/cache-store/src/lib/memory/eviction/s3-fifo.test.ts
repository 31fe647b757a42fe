import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evictionContract } from '../../testing/eviction-contract.ts'
import type { Ticket } from './eviction.ts'
import { createS3Fifo } from './s3-fifo.ts'

describe('S3-FIFO keeps the contract', () => {
  for (const { name, run } of evictionContract(() => createS3Fifo({ seed: 1 }))) it(name, run)
})

const capacity = 200

interface Thing {
  readonly owner: number
  readonly identity: string
  readonly weight: number
  uses: number
}

/** S3-FIFO over plain arrays, as the paper's pseudocode has it, by bytes. */
class Model {
  small: Thing[] = []
  main: Thing[] = []
  ghosts: Thing[] = []

  static bytes(things: readonly Thing[]): number {
    return things.reduce((sum, { weight }) => sum + weight, 0)
  }

  add(owner: number, identity: string, weight: number): void {
    const isBack = this.ghosts.some((ghost) => ghost.identity === identity)
    this.ghosts = this.ghosts.filter((ghost) => ghost.identity !== identity)
    const queue = isBack ? this.main : this.small
    queue.push({ owner, identity, weight, uses: 0 })
  }

  hit(owner: number): void {
    const thing = [...this.small, ...this.main].find((other) => other.owner === owner)
    if (thing !== undefined) thing.uses = Math.min(thing.uses + 1, 3)
  }

  remove(owner: number): void {
    this.small = this.small.filter((other) => other.owner !== owner)
    this.main = this.main.filter((other) => other.owner !== owner)
  }

  evict(incoming: number): number | undefined {
    const smallBytes = capacity * 0.1
    for (;;) {
      if (this.small[0] !== undefined && (this.main.length === 0 || Model.bytes(this.small) + incoming > smallBytes)) {
        const thing = this.small.shift() as Thing
        if (thing.uses >= 2) this.main.push({ ...thing, uses: 0 })
        else {
          this.ghosts = this.ghosts.filter(({ identity }) => identity !== thing.identity)
          this.ghosts.push(thing)
          while (Model.bytes(this.ghosts) > capacity * 0.9) this.ghosts.shift()
          return thing.owner
        }
      } else {
        const thing = this.main.shift()
        if (thing === undefined || thing.uses === 0) return thing?.owner
        this.main.push({ ...thing, uses: thing.uses - 1 })
      }
    }
  }
}

describe('createS3Fifo', () => {
  it('does what the pseudocode does', () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'add', 'hit', 'hit', 'remove', 'evict', 'evict'),
      which: fc.nat(11),
      weight: fc.integer({ min: 1, max: 30 }),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
        const policy = createS3Fifo<number>({ seed: 5 })
        const model = new Model()
        const tickets: Ticket<number>[] = []
        for (const { kind, which, weight } of steps) {
          const ticket = tickets[tickets.length - 1 - which]
          if (kind === 'add') {
            const owner = tickets.length
            tickets.push(policy.add(owner, `k${which}`, weight))
            model.add(owner, `k${which}`, weight)
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
        for (let owner = model.evict(0); owner !== undefined; owner = model.evict(0)) {
          expect(policy.evict(0, capacity)).toBe(owner)
        }
        expect(policy.evict(0, capacity)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it('keeps what was used often while things used once pass by, even if it rests meanwhile', () => {
    const policy = createS3Fifo<string>({ seed: 1 })
    const hot = Array.from({ length: 80 }, (_, index) => policy.add(`hot${index}`, `hot${index}`, 1))
    for (let use = 0; use < 2; use++) for (const ticket of hot) policy.hit(ticket)
    const left: (string | undefined)[] = []
    for (let index = 80; index < 1080; index++) {
      if (index >= 100) left.push(policy.evict(1, 100))
      policy.add(`cold${index}`, `cold${index}`, 1)
    }
    expect(left.filter((owner) => owner?.startsWith('hot'))).toEqual([])
  })

  it('takes a ghost that comes back for good', () => {
    const policy = createS3Fifo<string>({ seed: 1 })
    for (let index = 0; index < 100; index++) policy.add(`a${index}`, `a${index}`, 1)
    expect(policy.evict(1, 100)).toBe('a0')
    policy.add('a0', 'a0', 1)
    // Of those on trial all leave that are above their share; it is with those that stay.
    const left = Array.from({ length: 89 }, () => policy.evict(0, 100))
    expect(left).toEqual(Array.from({ length: 89 }, (_, index) => `a${index + 1}`))
    expect(policy.evict(0, 100)).toBe('a0')
  })
})
