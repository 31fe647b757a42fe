import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGhosts } from './ghosts.ts'
import { mix } from './hash-identity.ts'

describe('createGhosts', () => {
  it('is a queue bounded by bytes, from which any can be taken', () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'add', 'take'),
      which: fc.nat(20),
      weight: fc.integer({ min: 0, max: 50 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.constantFrom(1, 16), (steps, growth) => {
        const ghosts = createGhosts()
        let model: { which: number; weight: number }[] = []
        for (const [index, { kind, which, weight }] of steps.entries()) {
          ghosts.reserve((index + 1) * growth)
          if (kind === 'take') {
            expect(ghosts.take(mix(which))).toBe(model.some((ghost) => ghost.which === which))
            model = model.filter((ghost) => ghost.which !== which)
            continue
          }
          ghosts.add(mix(which), weight, 200)
          model = [...model.filter((ghost) => ghost.which !== which), { which, weight }]
          while (model.reduce((sum, ghost) => sum + ghost.weight, 0) > 200) model.shift()
        }
        for (let which = 0; which <= 20; which++) {
          expect(ghosts.take(mix(which))).toBe(model.some((ghost) => ghost.which === which))
        }
      }),
    )
  })

  it('keeps nearly all it has been asked to keep, and knows nothing else', () => {
    const ghosts = createGhosts()
    const count = 50_000
    for (let index = 0; index < count; index++) {
      ghosts.reserve(index + 1)
      ghosts.add(mix(index), 1, count)
    }
    let known = 0
    for (let index = 0; index < count; index++) if (ghosts.take(mix(index))) known++
    expect(known).toBeGreaterThan(count * 0.97)
    let unknown = 0
    for (let index = count; index < 2 * count; index++) if (ghosts.take(mix(index))) unknown++
    expect(unknown).toBe(0)
    expect(ghosts.bytes).toBeLessThanOrEqual(count * 2 * 20)
  })

  it('forgets the first when it cannot remember more', () => {
    const ghosts = createGhosts()
    for (let index = 0; index < 80; index++) ghosts.add(mix(index), 1, 1e9)
    expect(Array.from({ length: 80 }, (_, index) => ghosts.take(mix(index))).indexOf(true)).toBe(16)
    expect(ghosts.take(mix(79))).toBe(false)
  })
})
