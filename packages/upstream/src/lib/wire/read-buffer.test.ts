import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placedBytes, ReadBuffer, scratchBytes, slabBytes } from './read-buffer.ts'
import { createSlabs } from './slabs.ts'

function setUp() {
  const scratch = Buffer.alloc(scratchBytes)
  const given: Buffer[] = []
  const buffer = new ReadBuffer(scratch, (piece) => given.push(piece), createSlabs(slabBytes, 0))
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
    const missing = all.length - at + 1
    const { memory, start, end } = read(all.subarray(at, at + 10_000), missing)
    buffer.keep(memory, start, end, missing - 10_000)
    buffer.settle()
  }
  expect(given).toEqual([])
  buffer.end()
  expect(given).toEqual([all])
})

test('a body goes to its place in memory made for it, apart from what had come before', () => {
  const { buffer, given, read } = setUp()
  const all = pattern(300_000)
  const destination = Buffer.alloc(all.length)
  const first = read(all.subarray(0, 20_000), 0)
  buffer.keep(first.memory, first.start, first.end, all.length - 20_000)
  buffer.into(destination)
  for (let at = 20_000; at < all.length; ) {
    const { memory, start, end } = read(all.subarray(at, at + 16_384), all.length - at)
    at += end - start
    buffer.keep(memory, start, end, all.length - at)
    buffer.settle()
  }
  expect(Buffer.concat(given).equals(all)).toBe(true)
  const placed = given.filter((piece) => piece.buffer === destination.buffer)
  expect(placed.length).toBeGreaterThan(0)
  for (const piece of placed)
    expect(piece.equals(all.subarray(piece.byteOffset, piece.byteOffset + piece.length))).toBe(true)
  buffer.end()
  expect(buffer.target(10).buffer).not.toBe(destination.buffer)
})

test('a body that goes to its place comes in larger pieces', () => {
  const { buffer, given, read } = setUp()
  const length = 2 * placedBytes + 1
  buffer.into(Buffer.alloc(length))
  for (let at = 0; at < length; ) {
    const { memory, start, end } = read(pattern(Math.min(65_536, length - at)), length - at)
    at += end - start
    buffer.keep(memory, start, end, length - at)
    buffer.settle()
  }
  buffer.end()
  expect(given.map((piece) => piece.length)).toEqual([placedBytes, placedBytes, 1])
})

test('memory that is not as long as the body is left alone', () => {
  const { buffer } = setUp()
  for (const length of [9, 11]) {
    buffer.into(Buffer.alloc(length))
    expect(buffer.target(10).buffer.byteLength).toBe(10)
    buffer.end()
  }
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
