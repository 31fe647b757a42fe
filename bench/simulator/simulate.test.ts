import { createTinyLfu } from '@s3proxy/cache-store/memory'
import { describe, expect, it } from 'vitest'
import { parseCapacities } from './capacities.ts'
import { compare } from './compare.ts'
import { policies } from './policies.ts'
import { drawMissRatios, formatRatios, formatShare } from './report.ts'
import { simulate } from './simulate.ts'
import { createTraceBuilder } from './trace.ts'
import { makeWorkload, workloads } from './workloads.ts'

const small = { objects: 2000, requests: 60_000, seed: 1 }

function hitRatio(workload: string, policy: string, capacity: number): number {
  const trace = makeWorkload(workload, small)
  const create = policies[policy]
  if (create === undefined) throw new Error(policy)
  return simulate(trace, create(1), capacity).hits / trace.objects.length
}

describe('simulate', () => {
  it('counts hits and bytes as a cache would', () => {
    const builder = createTraceBuilder()
    for (const [key, size] of [
      ['a', 3],
      ['b', 4],
      ['a', 3],
      ['huge', 100],
      ['c', 5],
      ['a', 3],
      ['b', 4],
    ] as const) {
      builder.add(key, size)
    }
    const outcome = simulate(builder.build('t'), policies['lru']?.(1) ?? expect.unreachable(), 10)
    // b leaves for c, and a has stayed.
    expect(outcome).toEqual({ requests: 7, hits: 2, bytes: 122, hitBytes: 6 })
  })

  it('shows S3-FIFO and W-TinyLFU ahead of LRU where things are asked for once, in scans and loops', () => {
    for (const workload of ['scan', 'one-hit', 'zipf-0.9']) {
      const lru = hitRatio(workload, 'lru', 200)
      expect(hitRatio(workload, 's3-fifo', 200)).toBeGreaterThan(lru + 0.04)
      expect(hitRatio(workload, 'tinylfu', 200)).toBeGreaterThan(lru + 0.04)
    }
    expect(hitRatio('loop', 'lru', 1900)).toBe(0)
    expect(hitRatio('loop', 's3-fifo', 1900)).toBeGreaterThan(0.5)
    expect(hitRatio('loop', 'tinylfu', 1900)).toBeGreaterThan(0.5)
  })

  it('shows W-TinyLFU in a tiny cache where it is published to be', () => {
    const trace = makeWorkload('zipf-0.9', { objects: 10_000, requests: 300_000, seed: 1 })
    const ratios = [1, 2, 3].map((seed) => simulate(trace, createTinyLfu({ seed }), 50).hits / trace.objects.length)
    expect(Math.min(...ratios)).toBeGreaterThan(0.325)
  })

  it('never has more hits than the bound, on any workload', () => {
    for (const name of Object.keys(workloads)) {
      const trace = makeWorkload(name, { ...small, requests: 10_000 })
      const capacities = parseCapacities(
        '1%,10%',
        trace.sizes.reduce((sum, size) => sum + size, 0),
      )
      const options = { policies: Object.keys(policies), capacities, seed: 1, onProgress: () => undefined }
      for (const { policies: results, belady, bound } of compare(trace, options)) {
        for (const { hits, bytes } of [...Object.values(results), belady]) {
          expect(hits).toBeLessThanOrEqual(bound.hits)
          expect(bytes).toBeLessThanOrEqual(bound.bytes + 1e-9)
        }
      }
    }
  })
})

describe('workloads', () => {
  it('are the same for the same seed, and other for another', () => {
    for (const name of Object.keys(workloads)) {
      const trace = makeWorkload(name, { ...small, requests: 2000 })
      expect(trace.objects.length).toBe(2000)
      expect(makeWorkload(name, { ...small, requests: 2000 })).toEqual(trace)
    }
    expect(makeWorkload('scan', { ...small, seed: 2 }).objects).not.toEqual(makeWorkload('scan', small).objects)
    expect(() => makeWorkload('nothing', small)).toThrow('zipf-0.6')
  })
})

describe('the report', () => {
  it('says shares and sizes', () => {
    expect(parseCapacities('10%, 1KiB,7', 1000)).toEqual([100, 1024, 7])
    for (const wrong of ['0', '', 'x', '1PB', '-1', '1e3', 'Infinity']) {
      expect(() => parseCapacities(wrong, 1000)).toThrow('--sizes')
    }
    expect(formatShare(0.0013)).toBe('0.13 %')
    const options = { policies: ['lru'], capacities: [100, 200], seed: 1, onProgress: () => undefined }
    const comparisons = compare(makeWorkload('zipf-0.9', small), options)
    expect(formatRatios(comparisons, 'hits', false)).toContain('Belady')
    expect(drawMissRatios('a < b', comparisons, 'hits')).toContain('a &lt; b')
  })
})
