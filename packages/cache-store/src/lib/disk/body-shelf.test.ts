import { expect, it } from 'vitest'
import { createBodyShelf } from './body-shelf.ts'
import { DiskExtent } from './disk-extent.ts'

const extent = (): DiskExtent => new DiskExtent('00', undefined, { start: 0, end: 10 }, 0)
const body = (): Buffer => Buffer.allocUnsafeSlow(10)

it('keeps what was used last, within its bytes', () => {
  const shelf = createBodyShelf(20)
  const [a, b, c] = [extent(), extent(), extent()]
  const bodies = [body(), body(), body()] as const
  shelf.put(a, bodies[0])
  shelf.put(b, bodies[1])
  expect(shelf.get(a)).toBe(bodies[0])
  shelf.put(c, bodies[2])
  expect([a, b, c].map((each) => shelf.get(each))).toEqual([bodies[0], undefined, bodies[2]])
})

it('counts the memory under a view, and takes nothing larger than itself', () => {
  const shelf = createBodyShelf(20)
  const large = extent()
  shelf.put(large, Buffer.allocUnsafeSlow(21).subarray(0, 1))
  expect(shelf.get(large)).toBeUndefined()
  const again = extent()
  for (let n = 0; n < 5; n++) shelf.put(again, body())
  const other = extent()
  shelf.put(other, body())
  expect(shelf.get(again)).toBeDefined()
  expect(shelf.get(other)).toBeDefined()
})
