import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReadBuffer, scratchBytes } from './read-buffer.ts'

function setUp() {
  const scratch = Buffer.alloc(scratchBytes)
  const given: Buffer[] = []
  const buffer = new ReadBuffer(scratch, (piece) => given.push(piece))
  /** A read as libuv does it: into the target, as much as fits. */
  const read = (
    bytes: Uint8Array,
    missing: number,
  ): { readonly start: number; readonly end: number; readonly memory: Buffer } => {
    const target = buffer.target(missing)
    target.set(bytes.subarray(0, target.length))
    const { bytes: memory, filled: start } = buffer
    return { memory, start, end: buffer.advance(Math.min(bytes.length, target.length)) }
  }
  return { scratch, given, buffer, read }
}
const pattern = (bytes: number): Buffer => Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => i % 251))

test('a small body that came with its head is given in memory of just its size', () => {
  const { buffer, given, read } = setUp()
  const { memory, start, end } = read(pattern(1_000), 0)
  buffer.keep(memory, start + 400, end, 0)
  buffer.end()
  expect(given).toEqual([pattern(1_000).subarray(400)])
  expect(given[0]?.buffer.byteLength).toBe(600)
  expect(buffer.target(0).length).toBe(scratchBytes)
})

test('neighbouring reads become one piece', () => {
  const { buffer, given, read } = setUp()
  const all = pattern(40_000)
  for (let at = 0; at < all.length; at += 10_000) {
    const { memory, start, end } = read(all.subarray(at, at + 10_000), all.length - at)
    buffer.keep(memory, start, end, all.length - at - 10_000)
    buffer.settle()
  }
  expect(given).toEqual([])
  buffer.end()
  expect(given).toEqual([all])
})

test('the last read of a body has room to show that something follows it', () => {
  const { buffer } = setUp()
  expect(buffer.target(10).length).toBe(11)
})

test('runs with something between them are pieces of their own', () => {
  const { buffer, given, read } = setUp()
  const { memory, start } = read(pattern(100), Number.POSITIVE_INFINITY)
  buffer.keep(memory, start + 2, start + 10, Number.POSITIVE_INFINITY)
  buffer.keep(memory, start + 12, start + 20, Number.POSITIVE_INFINITY)
  buffer.flush()
  expect(given).toEqual([pattern(100).subarray(2, 10), pattern(100).subarray(12, 20)])
})

test('whatever is read and whenever it is flushed, the bytes given are those of the body, and stay so', () => {
  const step = fc.record({ size: fc.integer({ min: 1, max: 90_000 }), skip: fc.nat(3), flush: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.boolean(), (steps, isKnown) => {
      const { buffer, given, read } = setUp()
      const sizes = steps.reduce((sum, { size }) => sum + size, 0)
      const kept: Buffer[] = []
      let next = 0
      // the head, and perhaps the beginning of the body, comes into the scratch
      let inBody = false
      for (const { size, skip, flush } of steps) {
        for (let left = size; left > 0; ) {
          const bytes = Buffer.from(Uint8Array.from({ length: left }, () => next++ % 256))
          const missing = isKnown ? sizes : Number.POSITIVE_INFINITY
          const { memory, start, end } = read(bytes, inBody ? missing : 0)
          inBody = true
          const from = Math.min(end, start + skip)
          kept.push(Buffer.from(memory.subarray(from, end)))
          if (end > from) buffer.keep(memory, from, end, missing)
          buffer.settle()
          left -= end - start
        }
        if (flush) buffer.flush()
      }
      buffer.end()
      expect(Buffer.concat(given).equals(Buffer.concat(kept))).toBe(true)
    }),
    { numRuns: 200 },
  )
})
