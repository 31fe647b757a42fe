import { expect, it } from 'vitest'
import { createReadSlots } from './read-slots.ts'

it('lets in as many as there are places, then one for each that leaves, in order', async () => {
  const slots = createReadSlots(2)
  const log: string[] = []
  expect([slots.enter(), slots.enter()]).toEqual([undefined, undefined])
  for (const name of ['a', 'b']) slots.enter()?.then(() => log.push(name))
  slots.leave()
  await Promise.resolve()
  expect(log).toEqual(['a'])
  slots.leave()
  await Promise.resolve()
  expect(log).toEqual(['a', 'b'])
  slots.leave()
  slots.leave()
  expect([slots.enter(), slots.enter()]).toEqual([undefined, undefined])
  expect(slots.enter()).toBeInstanceOf(Promise)
})
