import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evictionContract } from '../../testing/eviction-contract.ts'
import type { Ticket } from './eviction.ts'
import { createLru } from './lru.ts'

describe('LRU keeps the contract', () => {
  for (const { name, run } of evictionContract(() => createLru())) it(name, run)
})

describe('createLru', () => {
  it('evicts what was used longest ago, like a list would', () => {
    const step = fc.record({ kind: fc.constantFrom('add', 'hit', 'remove', 'evict'), which: fc.nat(7) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const lru = createLru<number>()
        const tickets: Ticket<number>[] = []
        let model: number[] = []
        for (const { kind, which } of steps) {
          const ticket = tickets[which % Math.max(tickets.length, 1)]
          if (kind === 'add') {
            const id = tickets.length
            tickets.push(lru.add(id, String(id), 1))
            model.push(id)
          } else if (kind === 'evict') {
            expect(lru.evict(0, 1000)).toBe(model.shift())
          } else if (ticket !== undefined) {
            const held = model.includes(ticket.owner)
            model = model.filter((id) => id !== ticket.owner)
            if (kind === 'hit') {
              lru.hit(ticket)
              if (held) model.push(ticket.owner)
            } else {
              lru.remove(ticket)
            }
          }
        }
        for (const id of model) expect(lru.evict(0, 1000)).toBe(id)
        expect(lru.evict(0, 1000)).toBeUndefined()
      }),
    )
  })
})
