import { describe, expect, it } from 'vitest'
import { combinedValue, endToEndHeaders, filterHeaders, headerValue, headerValues } from './headers.ts'

const headers = ['Host', 'a', 'X-Amz-Meta-A', '1', 'x-amz-meta-a', '2', 'ETag', '"e"']

describe('headerValue, headerValues, combinedValue', () => {
  it('find fields in any case', () => {
    expect(headerValue(headers, 'etag')).toBe('"e"')
    expect(headerValue(headers, 'HOST')).toBe('a')
    expect(headerValue(headers, 'x-amz-meta-A')).toBe('1')
    expect(headerValues(headers, 'X-Amz-Meta-a')).toEqual(['1', '2'])
    expect(combinedValue(headers, 'x-amz-meta-a')).toBe('1, 2')
  })

  it('tell an absent field from an empty one', () => {
    expect(headerValue(['A', ''], 'a')).toBe('')
    expect(combinedValue(['A', ''], 'a')).toBe('')
    expect(headerValue([], 'a')).toBeUndefined()
    expect(headerValues(headers, 'range')).toEqual([])
    expect(combinedValue(headers, 'range')).toBeUndefined()
  })
})

describe('filterHeaders', () => {
  it('keeps order, case and duplicates', () => {
    expect(filterHeaders(headers, (name) => name.startsWith('x-amz-'))).toEqual(headers.slice(2, 6))
  })
})

describe('endToEndHeaders', () => {
  const hops = [
    'Connection',
    'keep-alive, X-Mine',
    'Keep-Alive',
    '5',
    'x-mine',
    '1',
    'TE',
    'trailers',
    'Upgrade',
    'h2c',
  ]

  it('drops what is of one connection', () => {
    expect(endToEndHeaders([...headers, ...hops])).toEqual(headers)
    expect(endToEndHeaders(['Transfer-Encoding', 'chunked', 'Trailer', 'a', 'Proxy-Authorization', 'b'])).toEqual([])
  })

  it('keeps what is asked for', () => {
    expect(endToEndHeaders(hops, (name) => name === 'te' || name === 'x-mine')).toEqual([
      'x-mine',
      '1',
      'TE',
      'trailers',
    ])
  })

  it('reads every Connection field', () => {
    expect(endToEndHeaders(['connection', 'a', 'connection', 'b , c', 'A', '1', 'B', '2', 'C', '3', 'D', '4'])).toEqual(
      ['D', '4'],
    )
  })
})
