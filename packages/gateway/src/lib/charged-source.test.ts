import { type ByteSource, bufferSource } from '@s3proxy/protocol'
import { describe, expect, it } from 'vitest'
import { createBudget } from './budget.ts'
import { chargedSource } from './charged-source.ts'

const mib = 1 << 20

function charged(source: ByteSource) {
  const budget = createBudget({ maxBytes: 16 * mib })
  return { budget, body: chargedSource(source, budget.open()) }
}

describe('a charged source', () => {
  it('is charged for the chunk its reader has, and for nothing at the end', async () => {
    const { budget, body } = charged(bufferSource(Buffer.alloc(3 * mib), Buffer.alloc(mib)))
    await body.next()
    expect(budget.usedBytes).toBe(3 * mib)
    await body.next()
    expect(budget.usedBytes).toBe(mib)
    expect(await body.next()).toBeNull()
    expect(budget.usedBytes).toBe(0)
  })

  it('is charged for nothing when it is cancelled', () => {
    const { budget, body } = charged(bufferSource(Buffer.alloc(mib)))
    body.next()
    body.cancel()
    expect(budget.usedBytes).toBe(0)
  })

  it.each([
    [
      'at once',
      () => {
        throw new Error('broken')
      },
    ],
    ['late', () => Promise.reject(new Error('broken'))],
  ] as const)('is charged for nothing when it breaks %s', async (_when, next) => {
    const { budget, body } = charged({ next, cancel: () => undefined })
    await expect((async () => body.next())()).rejects.toThrow('broken')
    expect(budget.usedBytes).toBe(0)
  })
})
