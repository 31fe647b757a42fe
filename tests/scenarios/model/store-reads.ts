import { headerValue, type RawHeaders } from '@s3proxy/protocol'
import type { Entry, StoredObject } from './history.ts'

/** The store's answer to a read. Half-open `start` and `end`; equal where there is no body. */
export interface ReadAnswer {
  readonly status: number
  readonly headers: RawHeaders
  readonly start: number
  readonly end: number
}

/** Ways in which the store leaves out what it was asked, as some do. */
export interface ReadLies {
  readonly ignoresRange: boolean
  readonly ignoresConditions: boolean
  /** Answers with other bytes than asked for, and says so in Content-Range. */
  readonly shiftsRange: boolean
}

/** What S3 answers to a read of `entry` (RFC 9110 section 13.2.2). Written apart from the packages on purpose. */
export function answerRead(
  entry: Entry | undefined,
  method: string,
  request: RawHeaders,
  part: number | undefined,
  lies: ReadLies,
): ReadAnswer {
  const object = entry?.object
  if (entry === undefined || object === undefined) return failure(404, 'NoSuchKey', method)
  const validators = ['ETag', object.etag, 'Last-Modified', object.lastModified]
  if (!lies.ignoresConditions) {
    const verdict = judgeConditions(object.etag, Date.parse(object.lastModified), request)
    if (verdict === 412) return failure(412, 'PreconditionFailed', method)
    if (verdict === 304) return { status: 304, headers: validators, start: 0, end: 0 }
  }
  const size = object.content.length
  const common = [...validators, ...describe(entry)]
  const checksumOf = (what: string): string[] =>
    headerValue(request, 'x-amz-checksum-mode') === 'ENABLED' ? ['x-amz-checksum-crc32', `of-${what}`] : []
  const whole = {
    status: 200,
    headers: [...common, ...checksumOf(`${object.version}`), 'Content-Length', String(size)],
    start: 0,
    end: size,
  }
  if (part !== undefined && size > 0 && !lies.ignoresRange) {
    if (headerValue(request, 'range') !== undefined) return failure(400, 'InvalidRequest', method)
    return answerPart(object, part, method, [...common, ...checksumOf(`${object.version}-part-${part}`)])
  }
  const ifRange = headerValue(request, 'if-range')
  const isCurrent = ifRange === undefined || ifRange === object.etag || ifRange === object.lastModified
  const asked = lies.ignoresRange || !isCurrent ? undefined : readRange(headerValue(request, 'range') ?? '', size)
  if (asked === undefined) return whole
  if (asked.start >= asked.end) {
    const refused = failure(416, 'InvalidRange', method)
    return { ...refused, headers: [...refused.headers, 'Content-Range', `bytes */${size}`] }
  }
  const start = lies.shiftsRange ? Math.floor(asked.start / 2) : asked.start
  const { end } = asked
  const range = ['Content-Range', `bytes ${start}-${end - 1}/${size}`, 'Content-Length', String(end - start)]
  return { status: 206, headers: [...common, ...range], start, end }
}

/** A part of an object; an object uploaded in one piece has one and says nothing of how many. */
function answerPart(object: StoredObject, part: number, method: string, common: RawHeaders): ReadAnswer {
  const size = object.content.length
  const sizes = object.partSizes ?? [size]
  const length = sizes[part - 1]
  if (length === undefined) return failure(416, 'InvalidPartNumber', method)
  const start = sizes.slice(0, part - 1).reduce((sum, each) => sum + each, 0)
  const end = start + length
  const count = object.partSizes === undefined ? [] : ['x-amz-mp-parts-count', String(sizes.length)]
  const range = ['Content-Range', `bytes ${start}-${end - 1}/${size}`, 'Content-Length', String(length)]
  return { status: 206, headers: [...common, ...count, ...range], start, end }
}

/** Which entry of which key an answer is of: what the judge looks for in every answer. */
export function describe(entry: Entry): string[] {
  const { object } = entry
  return [
    ...(object?.cacheControl === undefined ? [] : ['Cache-Control', object.cacheControl]),
    ...(object === undefined ? [] : ['x-amz-version-id', String(object.version)]),
    'Accept-Ranges',
    'bytes',
    'Content-Type',
    'text/plain',
    'x-amz-meta-key',
    String(entry.key),
    'x-amz-meta-entry',
    String(entry.index),
  ]
}

/** The body of an error. */
export function errorBody(code: string): string {
  return `<Error><Code>${code}</Code></Error>`
}

/** The head of an error; to a HEAD it has no body, but says how long it would be. */
export function failure(status: number, code: string, method: string): ReadAnswer {
  const length = errorBody(code).length
  const headers = ['Content-Type', 'application/xml', 'Content-Length', String(length), 'x-model-error', code]
  return { status, headers, start: 0, end: method === 'HEAD' ? 0 : length }
}

function judgeConditions(etag: string, modifiedAt: number, request: RawHeaders): 'proceed' | 304 | 412 {
  const date = (name: string): number => Date.parse(headerValue(request, name) ?? '')
  const names = (list: string): boolean => list.trim() === '*' || list.split(',').some((tag) => tag.trim() === etag)
  const ifMatch = headerValue(request, 'if-match')
  if (ifMatch === undefined ? modifiedAt > date('if-unmodified-since') : !names(ifMatch)) return 412
  const ifNoneMatch = headerValue(request, 'if-none-match')
  const unchanged = ifNoneMatch === undefined ? modifiedAt <= date('if-modified-since') : names(ifNoneMatch)
  return unchanged ? 304 : 'proceed'
}

/** The one range of a Range field; undefined where S3 ignores it, empty where it cannot be satisfied. */
export function readRange(value: string, size: number): { readonly start: number; readonly end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(value) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size }
  if (last !== '' && Number(last) < Number(first)) return undefined
  return { start: Number(first), end: last === '' ? size : Math.min(size, Number(last) + 1) }
}
