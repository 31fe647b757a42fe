import type { BenchObject } from '../lib/object-name.ts'
import { parseObjectPath } from '../lib/object-name.ts'

/** What the origin answers: a head and, for some, the bytes of `[start, end)` of an object. */
export interface OriginAnswer {
  readonly head: string
  readonly object: BenchObject | undefined
  readonly start: number
  readonly end: number
}

const identity = [
  'ETag: "0123456789abcdef0123456789abcdef-38"',
  'Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT',
  'Content-Type: application/octet-stream',
  'Accept-Ranges: bytes',
  'x-amz-request-id: 0123456789ABCDEF',
  'Server: bench',
].join('\r\n')

/**
 * Answers the head of a request as S3 would for an object that is there and never changes: whole or one range, or 304 if
 * its ETag is asked about. Signatures are not looked at.
 */
export function answerHead(request: string): OriginAnswer {
  const [, method = '', path = ''] = /^(\S+) (\S+) /.exec(request) ?? []
  const object = parseObjectPath(path)
  if (object === undefined || (method !== 'GET' && method !== 'HEAD')) return withoutBody('404 Not Found', undefined)
  if (/^if-none-match:/im.test(request)) return withoutBody('304 Not Modified', object)
  const range = /^range: *bytes=(\d+)-(\d*)/im.exec(request)
  const start = range === null ? 0 : Number(range[1])
  const last = range?.[2] === undefined || range[2] === '' ? object.sizeBytes - 1 : Number(range[2])
  const end = Math.min(last + 1, object.sizeBytes)
  if (start >= end && object.sizeBytes > 0) return withoutBody('416 Requested Range Not Satisfiable', object)
  const status = range === null ? '200 OK' : '206 Partial Content'
  const contentRange = range === null ? '' : `Content-Range: bytes ${start}-${end - 1}/${object.sizeBytes}\r\n`
  const head = `HTTP/1.1 ${status}\r\n${identity}\r\n${contentRange}Content-Length: ${end - start}\r\n\r\n`
  return { head, object, start, end: method === 'HEAD' ? start : end }
}

function withoutBody(status: string, object: BenchObject | undefined): OriginAnswer {
  const length = status.startsWith('304') ? '' : 'Content-Length: 0\r\n'
  return { head: `HTTP/1.1 ${status}\r\n${identity}\r\n${length}\r\n`, object, start: 0, end: 0 }
}
