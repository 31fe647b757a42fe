import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGhosts } from './ghosts.ts'
import { mix } from './hash-identity.ts'

describe('createGhosts', () => {
  it('knows what left within so many bytes, once', () => {
    const ghosts = createGhosts()
    ghosts.add(1, 100)
    ghosts.add(2, 50)
    expect(ghosts.take(1, 49)).toBe(false)
    expect(ghosts.take(2, 0)).toBe(true)
    expect(ghosts.take(2, 1000)).toBe(false)
    ghosts.add(1, 10)
    ghosts.add(3, 70)
    expect(ghosts.take(1, 70)).toBe(true)
    expect(ghosts.take(9, 1e9)).toBe(false)
  })

  it('keeps nearly all it has been asked to keep, and knows nothing else', () => {
    const ghosts = createGhosts()
    const count = 50_000
    for (let index = 0; index < count; index++) {
      ghosts.reserve(index)
      ghosts.add(mix(index), 1)
    }
    let known = 0
    for (let index = 0; index < count; index++) if (ghosts.take(mix(index), count)) known++
    expect(known).toBeGreaterThan(count * 0.97)
    let unknown = 0
    for (let index = count; index < 2 * count; index++) if (ghosts.take(mix(index), count)) unknown++
    expect(unknown).toBe(0)
    expect(ghosts.bytes).toBeLessThanOrEqual(count * 2 * 2 * 12)
  })

  it('never remembers anything that is not there', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 200 }), (hashes) => {
        const ghosts = createGhosts()
        for (const hash of hashes) ghosts.add(mix(hash), 1)
        for (let hash = 0; hash <= 1000; hash++) {
          if (ghosts.take(mix(hash), 1e9)) expect(hashes).toContain(hash)
        }
      }),
    )
  })
})
