import { describe, expect, it } from 'vitest'
import { createCopies } from './copies.ts'
import { createMemoryTier, type MemoryTier } from './memory/memory-tier.ts'
import type { MemoryWriter } from './memory/memory-writer.ts'
import { sampleBytes, sampleRepresentation } from './testing/store-contract.ts'

const size = 1000
const body = sampleBytes(size)
const representation = sampleRepresentation({ key: 'k', size })

function openIn(memory: MemoryTier): () => MemoryWriter | undefined {
  return () => {
    const start = memory.begin(representation, { start: 0, end: size })
    return start.kind === 'refused' ? undefined : start.writer
  }
}

function create() {
  const memory = createMemoryTier({ maxBytes: 1 << 20 })
  return { memory, copies: createCopies(), open: openIn(memory) }
}

describe('copies of one range', () => {
  it('are made one at a time, and again after the end', () => {
    const { memory, copies, open } = create()
    const first = copies.begin('k', open)
    expect(copies.begin('k', open)).toBeUndefined()
    expect(copies.begin('other', open)).toBeDefined()
    first?.write(body)
    first?.commit(1, () => true)
    expect(memory.usage().memoryEntries).toBe(1)
    expect(copies.begin('k', open)).toBeDefined()
  })

  it('may begin anew when one was dropped', () => {
    const { copies, open } = create()
    copies.begin('k', open)?.drop()
    expect(copies.begin('k', open)).toBeDefined()
  })

  it('pass to another reader when the first stands still, whose late bytes then count for nothing', () => {
    const { memory, copies, open } = create()
    const stuck = copies.begin('k', open)
    stuck?.write(body.subarray(0, 10))
    const found = Array.from({ length: 40 }, () => copies.begin('k', open)).filter((copy) => copy !== undefined)
    expect(found.length).toBe(1)
    stuck?.write(body.subarray(10))
    stuck?.commit(1, () => true)
    expect(memory.usage().memoryEntries).toBe(0)
    found[0]?.write(body)
    found[0]?.commit(1, () => true)
    expect(memory.usage().memoryEntries).toBe(1)
  })

  it('stay with a reader that goes on, however many ask', () => {
    const { copies, open } = create()
    const copy = copies.begin('k', open)
    for (let at = 0; at < size - 1; at++) {
      copy?.write(body.subarray(at, at + 1))
      for (let others = 0; others < 10; others++) expect(copies.begin('k', open)).toBeUndefined()
    }
  })

  it('need a tier that takes them', () => {
    const { copies, open } = create()
    expect(copies.begin('k', () => undefined)).toBeUndefined()
    expect(copies.begin('k', open)).toBeDefined()
  })
})
