import assert from 'node:assert/strict'
import type { Eviction, Ticket } from '../memory/eviction/eviction.ts'

/** One promise of an eviction policy, as a case for any test runner. */
export interface EvictionCase {
  readonly name: string
  run(): void
}

/** The promises of {@link Eviction}, for a policy that `create` makes anew each time. */
export function evictionContract(create: () => Eviction<number>): readonly EvictionCase[] {
  return Object.entries(cases).map(([name, run]) => ({ name, run: () => run(create()) }))
}

/** Numbers from 0 to 1 that are the same in every run. */
export function repeatableRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const cases: Readonly<Record<string, (eviction: Eviction<number>) => void>> = {
  'nothing held, nothing to evict': (eviction) => {
    assert.equal(eviction.evict(0, 1000), undefined)
    assert.equal(eviction.evict(1000, 1000), undefined)
  },

  'everything added comes out once': (eviction) => {
    for (let owner = 0; owner < 500; owner++) eviction.add(owner, `k${owner}`, 1 + (owner % 7))
    const out = new Set<number>()
    for (let owner = eviction.evict(10, 1000); owner !== undefined; owner = eviction.evict(10, 1000)) {
      assert.ok(!out.has(owner), `${owner} came out twice`)
      out.add(owner)
    }
    assert.equal(out.size, 500)
  },

  'what was removed does not come out': (eviction) => {
    const tickets = Array.from({ length: 20 }, (_, owner) => eviction.add(owner, `k${owner}`, 10))
    for (const ticket of tickets) if (ticket.owner % 2 === 0) eviction.remove(ticket)
    const out: number[] = []
    for (let owner = eviction.evict(0, 1000); owner !== undefined; owner = eviction.evict(0, 1000)) out.push(owner)
    assert.deepEqual(
      out.sort((a, b) => a - b),
      [1, 3, 5, 7, 9, 11, 13, 15, 17, 19],
    )
  },

  'tickets that have left do nothing': (eviction) => {
    const evicted = eviction.add(1, 'a', 10)
    assert.equal(eviction.evict(0, 1000), 1)
    const removed = eviction.add(2, 'b', 10)
    eviction.remove(removed)
    for (const ticket of [evicted, removed]) {
      eviction.hit(ticket)
      eviction.remove(ticket)
    }
    assert.equal(eviction.evict(0, 1000), undefined)
    eviction.add(3, 'a', 10)
    eviction.hit(evicted)
    eviction.remove(evicted)
    assert.equal(eviction.evict(0, 1000), 3)
  },

  'a ticket tells its owner and weight': (eviction) => {
    const { owner, weight } = eviction.add(7, 'k', 123)
    assert.deepEqual([owner, weight], [7, 123])
  },

  'an identity may come back, and be there twice': (eviction) => {
    for (let round = 0; round < 5; round++) {
      eviction.add(1, 'same', 10)
      eviction.add(2, 'same', 20)
      assert.deepEqual([eviction.evict(0, 1000), eviction.evict(0, 1000)].sort(), [1, 2])
      assert.equal(eviction.evict(0, 1000), undefined)
    }
  },

  'a long random walk agrees with a set': (eviction) => {
    const random = repeatableRandom(1)
    const held = new Map<number, Ticket<number>>()
    const left: Ticket<number>[] = []
    for (let step = 0; step < 20_000; step++) {
      const kind = random()
      const any = [...held.keys()][Math.floor(random() * held.size)] ?? -1
      const ticket = held.get(any) ?? left[Math.floor(random() * left.length)]
      if (kind < 0.4) {
        held.set(step, eviction.add(step, `k${Math.floor(random() * 300)}`, 1 + Math.floor(random() * 50)))
      } else if (kind < 0.65 || held.size > 60) {
        const owner = eviction.evict(Math.floor(random() * 100), 1000)
        assert.equal(owner === undefined, held.size === 0)
        const gone = held.get(owner ?? -1)
        assert.equal(gone === undefined, owner === undefined, 'what came out was not held')
        if (gone !== undefined && left.length < 50) left.push(gone)
        held.delete(owner ?? -1)
      } else if (ticket !== undefined && kind < 0.95) {
        eviction.hit(ticket)
      } else if (ticket !== undefined) {
        eviction.remove(ticket)
        if (held.get(ticket.owner) === ticket) held.delete(ticket.owner)
      }
    }
    for (let owner = eviction.evict(0, 1000); owner !== undefined; owner = eviction.evict(0, 1000))
      assert.ok(held.delete(owner))
    assert.equal(held.size, 0)
  },

  'what is used all the time stays, whatever passes by': (eviction) => {
    const hot = Array.from({ length: 10 }, (_, owner) => eviction.add(owner, `hot${owner}`, 10))
    let heldBytes = 100
    for (let owner = 100; owner < 3000; owner++) {
      for (const ticket of hot) eviction.hit(ticket)
      while (heldBytes + 10 > 1000) {
        const out = eviction.evict(10, 1000)
        assert.ok(out !== undefined && out >= 100, `${out} has left`)
        heldBytes -= 10
      }
      eviction.add(owner, `cold${owner}`, 10)
      heldBytes += 10
    }
  },

  'memory beside the tickets depends on what is held, not on what has passed by': (eviction) => {
    for (let owner = 0; owner < 100; owner++) eviction.add(owner, `k${owner}`, 10)
    const before = eviction.overheadBytes
    for (let owner = 100; owner < 20_000; owner++) {
      eviction.evict(10, 1000)
      eviction.add(owner, `k${owner}`, 10)
    }
    assert.equal(eviction.overheadBytes, before)
    assert.ok(before <= 100 * 64 + 1024, `${before} bytes`)
  },
}
