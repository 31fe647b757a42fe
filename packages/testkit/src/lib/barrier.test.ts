import { expect, test } from 'vitest'
import { createBarrier } from './barrier.ts'

test('a gate holds until it is opened, and tells who has come', async () => {
  const barrier = createBarrier()
  const gate = barrier.gate('a')
  const order: string[] = []
  const passing = gate.pass().then(() => order.push('passed'))
  await gate.reached()
  order.push('reached')
  expect(gate.waiting).toBe(1)
  barrier.gate('a').open()
  await passing
  await gate.pass()
  expect(order).toEqual(['reached', 'passed'])
  expect(gate.waiting).toBe(0)
})

test('openAll opens also the gates that come later', async () => {
  const barrier = createBarrier()
  barrier.openAll()
  await barrier.gate('later').pass()
  expect(barrier.gate('later').isOpen).toBe(true)
})
