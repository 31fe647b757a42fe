import { describe, expect, it } from 'vitest'
import { utcInstant } from './utc-instant.ts'

describe('utcInstant', () => {
  it('is the instant of a calendar date', () => {
    expect(utcInstant(2013, 4, 24, 1, 2, 3)).toBe(Date.parse('2013-05-24T01:02:03Z'))
    expect(utcInstant(99, 0, 1, 0, 0, 0)).toBe(Date.parse('0099-01-01T00:00:00Z'))
    expect(utcInstant(2000, 1, 29, 0, 0, 0)).toBe(Date.parse('2000-02-29T00:00:00Z'))
    expect(utcInstant(2016, 11, 31, 23, 59, 60)).toBe(Date.parse('2017-01-01T00:00:00Z'))
  })

  it.each([
    [2023, 1, 29, 0, 0, 0],
    [1900, 1, 29, 0, 0, 0],
    [2023, 0, 0, 0, 0, 0],
    [2023, 0, 32, 0, 0, 0],
    [2023, -1, 1, 0, 0, 0],
    [2023, 12, 1, 0, 0, 0],
    [2023, 0, 1, 24, 0, 0],
    [2023, 0, 1, 0, 60, 0],
    [2023, 0, 1, 0, 0, 61],
    [Number.NaN, 0, 1, 0, 0, 0],
  ])('does not know %d-%d-%d %d:%d:%d', (...parts) => {
    expect(utcInstant(...parts)).toBeUndefined()
  })
})
