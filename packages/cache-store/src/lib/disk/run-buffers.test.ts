import { type BufferAccount, type MemoryBudget, minRunBytes } from '@s3proxy/protocol'
import { describe, expect, it } from 'vitest'
import { createRunMemory, runBytes } from './run-buffers.ts'

/** A budget that says what the test wants, and notes what it is told. */
function createBudget() {
  const budget = { ample: true, held: 0, open: 0 }
  const account = (): BufferAccount => {
    budget.open++
    return {
      hold: (bytes) => {
        budget.held = bytes
      },
      close: () => void budget.open--,
    }
  }
  const port: MemoryBudget = { fits: () => budget.ample, open: account }
  return { budget, memory: createRunMemory({ budget: port, maxPooledBytes: 4 * runBytes }) }
}

describe('the buffers of a reader', () => {
  it('are charged while they are ahead and while the consumer has them', () => {
    const { budget, memory } = createBudget()
    const buffers = memory.open()
    const first = buffers.take(runBytes)
    buffers.lend(first)
    const second = buffers.take(runBytes)
    expect(budget.held).toBe(2 * runBytes)
    buffers.settleLent()
    expect(budget.held).toBe(runBytes)
    buffers.discard(second)
    expect(budget.held).toBe(0)
    buffers.close()
    expect(budget.open).toBe(0)
  })

  it('are short and not ahead of anybody when memory is', () => {
    const { budget, memory } = createBudget()
    const buffers = memory.open()
    expect([buffers.nextRunBytes, buffers.mayReadAhead]).toEqual([runBytes, true])
    budget.ample = false
    expect([buffers.firstRunBytes, buffers.nextRunBytes, buffers.mayReadAhead]).toEqual([
      minRunBytes,
      minRunBytes,
      false,
    ])
  })

  it('are not read ahead among many readers that take turns, whoever else is stuck', () => {
    const { memory } = createBudget()
    const [first, second, third, stuck] = [memory.open(), memory.open(), memory.open(), memory.open()]
    stuck.settleLent()
    const round = (readers: readonly (typeof first)[]): readonly boolean[] => {
      for (const reader of readers) reader.settleLent()
      for (const reader of readers) reader.settleLent()
      return readers.map((reader) => reader.mayReadAhead)
    }
    expect(round([first, second, third])).toEqual([false, false, false])
    expect(round([first, second])).toEqual([true, true])
    expect(round([first])).toEqual([true])
  })

  it.each([minRunBytes, runBytes])('of %i bytes are used again once they are given back', (bytes) => {
    const { memory } = createBudget()
    const buffers = memory.open()
    const buffer = buffers.take(bytes)
    buffers.lend(buffer)
    expect(buffers.take(bytes).buffer).not.toBe(buffer.buffer)
    buffers.recycle(buffer.subarray(10, 20))
    buffers.recycle(buffer)
    expect(buffers.take(bytes).buffer).toBe(buffer.buffer)
    expect(buffers.take(bytes).buffer).not.toBe(buffer.buffer)
  })

  it('are not used again by somebody else while the consumer has them', () => {
    const { memory } = createBudget()
    const [mine, theirs] = [memory.open(), memory.open()]
    const buffer = mine.take(runBytes)
    mine.lend(buffer)
    theirs.recycle(buffer)
    mine.settleLent()
    mine.close()
    expect(theirs.take(runBytes).buffer).not.toBe(buffer.buffer)
    mine.recycle(buffer)
    expect(theirs.take(runBytes).buffer).toBe(buffer.buffer)
  })

  it('are not kept when memory is short', () => {
    const { budget, memory } = createBudget()
    const buffers = memory.open()
    const buffer = buffers.take(runBytes)
    budget.ample = false
    buffers.discard(buffer)
    expect(buffers.take(runBytes).buffer).not.toBe(buffer.buffer)
  })
})
