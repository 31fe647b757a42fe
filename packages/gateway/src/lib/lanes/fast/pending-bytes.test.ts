import { describe, expect, it } from 'vitest'
import { PendingBytes } from './pending-bytes.ts'

describe('pending bytes', () => {
  it('come out as they went in, however they came', () => {
    const pending = new PendingBytes()
    const text = 'GET / HTTP/1.1\r\n'.repeat(200)
    for (let i = 0; i < text.length; i += 7) {
      const bytes = Buffer.from(`x${text.slice(i, i + 7)}x`)
      pending.append(bytes, 1, bytes.length - 1)
    }
    const { bytes, length } = pending.take()
    expect([bytes.toString('latin1', 0, length), pending.length]).toEqual([text, 0])
  })

  it.each([
    ['GET / HTTP/1.1\r\nHost: h\r\n\r\n', 27],
    ['GET / HTTP/1.1\n', 15],
    ['GET / HTTP/1.1\r\nX: 1\n', 21],
  ])('say at which byte a head may have ended: %j', (text, end) => {
    const pending = new PendingBytes()
    const seen: number[] = []
    for (let i = 0; i < text.length; i++) {
      pending.append(Buffer.from(text[i] as string), 0, 1)
      if (pending.endsHead()) seen.push(i + 1)
    }
    expect(seen[0]).toBe(end)
  })
})
