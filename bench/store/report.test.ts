import { describe, expect, it } from 'vitest'
import { formatStore } from './report.ts'

const memory = { rssBytes: 2 << 20, heapBytes: 1 << 20 }

describe('formatStore', () => {
  it('puts the large store beside the small one, and reads beside the plain loops', () => {
    const speed = (what: 'disk', objects: number, rate: number) =>
      ({ what, objects, perCpuSecond: [rate], perSecond: [rate] }) as const
    const read = (what: 'random, store' | 'random, plain' | 'random, checked', rate: number) =>
      ({ what, objects: 1, perCpuSecond: [rate], perSecond: [rate] }) as const
    const text = formatStore({
      readiness: [{ objects: 1_000_000, storeMs: 400, openMs: 20, proxyMs: 800, proxyRssBytes: 100 << 20 }],
      memory: [{ objects: 10, opened: memory, bounded: memory, unbounded: memory, remembered: 1024 }],
      lookups: [speed('disk', 1_000_000, 900), speed('disk', 10_000, 1000)],
      evictions: [],
      reads: [read('random, plain', 100), read('random, checked', 80), read('random, store', 60)],
    })
    expect(text).toMatch(/1,000,000 objects\s+400 ms\s+20\.0 ms\s+800 ms\s+100\.0 MiB/)
    expect(text).toMatch(/2\.0 \/ 1\.0\s+2,048 \/ 1,024/)
    expect(text).toMatch(/lookups from disk\s+1,000 \(1,000–1,000\)\s+900 \(900–900\)\s+0\.90×/)
    expect(text).toMatch(/4 KiB anywhere: reads\s+100\s+80\s+60 \(0\.60×, 0\.75×\)/)
  })
})
