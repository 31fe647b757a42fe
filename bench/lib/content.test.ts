import { describe, expect, it } from 'vitest'
import { createContent, periodBytes } from './content.ts'

const content = createContent()
const bytes = (start: number, end: number) => Buffer.concat([...content.pieces(start, end, 100_000)])

describe('createContent', () => {
  it('gives the same bytes however it is cut', () => {
    const whole = bytes(periodBytes - 300_000, periodBytes + 300_000)
    expect(whole.length).toBe(600_000)
    expect(whole.subarray(250_000, 450_000).equals(bytes(periodBytes - 50_000, periodBytes + 150_000))).toBe(true)
  })

  it.each(['every-byte', 'sample'] as const)('knows its bytes and finds those of another place: %s', (thoroughness) => {
    const at = periodBytes - 3000
    expect(content.matches(at, bytes(at, at + 50_000), thoroughness)).toBe(true)
    for (const shift of [1, 4096, 1 << 20, 5 << 20, 8 << 20, 16 << 20, 64 << 20]) {
      expect(content.matches(at, bytes(at + shift, at + shift + 50_000), thoroughness)).toBe(false)
    }
  })

  it('finds a single wrong byte when it looks at all of them', () => {
    const damaged = bytes(100, 50_100)
    damaged[49_999] = (damaged[49_999] ?? 0) ^ 1
    expect(content.matches(100, damaged, 'every-byte')).toBe(false)
  })
})
