import { describe, expect, it } from 'vitest'
import { objectPath } from '../lib/object-name.ts'
import { answerHead } from './head.ts'

const path = objectPath('label', { sizeBytes: 1000, bytesPerSecond: 7, firstByteMs: 3 })
const ask = (line: string, ...headers: string[]) =>
  answerHead([line, 'Host: store.test', ...headers, '', ''].join('\r\n'))

describe('answerHead', () => {
  it('gives whole objects, parts and the rest from an offset', () => {
    expect(ask(`GET ${path} HTTP/1.1`)).toMatchObject({
      start: 0,
      end: 1000,
      object: { bytesPerSecond: 7, firstByteMs: 3 },
    })
    expect(ask(`GET ${path} HTTP/1.1`, 'Range: bytes=10-19')).toMatchObject({ start: 10, end: 20 })
    expect(ask(`GET ${path} HTTP/1.1`, 'range: bytes=990-')).toMatchObject({ start: 990, end: 1000 })
    expect(ask(`GET ${path} HTTP/1.1`, 'Range: bytes=10-19').head).toContain('Content-Range: bytes 10-19/1000\r\n')
  })

  it.each([
    ['HEAD', `HEAD ${path} HTTP/1.1`, '', 'HTTP/1.1 200 '],
    ['a question about its ETag', `GET ${path} HTTP/1.1`, 'If-None-Match: "e"', 'HTTP/1.1 304 '],
    ['a range past the end', `GET ${path} HTTP/1.1`, 'Range: bytes=1000-', 'HTTP/1.1 416 '],
    ['an object that is not there', 'GET /bench/other HTTP/1.1', '', 'HTTP/1.1 404 '],
  ])('has no body for %s', (_name, line, header, status) => {
    const answer = ask(line, header)
    expect(answer.head.startsWith(status)).toBe(true)
    expect(answer.end - answer.start).toBe(0)
  })
})
