import { describe, expect, it } from 'vitest'
import { mayCompress } from './compressible.ts'

describe('mayCompress', () => {
  it.each([
    ['text/csv; charset=utf-8', true],
    ['application/json', true],
    ['application/vnd.api+json', true],
    ['image/svg+xml', true],
    ['binary/octet-stream', true],
    ['', true],
    ['image/jpeg', false],
    ['video/mp4', false],
    ['application/zip', false],
    ['application/vnd.apache.parquet', false],
  ])('%s: %s', (type, expected) => {
    expect(mayCompress(type === '' ? [] : ['Content-Type', type])).toBe(expected)
  })

  it('leaves alone what is encoded already', () => {
    expect(mayCompress(['Content-Type', 'text/html', 'Content-Encoding', 'gzip'])).toBe(false)
    expect(mayCompress(['Content-Type', 'text/html', 'Content-Encoding', 'identity'])).toBe(true)
  })
})
