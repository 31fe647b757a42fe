import { headerValue, type RawHeaders } from '@s3proxy/protocol'

/** What an answer to a read depends on. */
export interface ObjectState {
  readonly size: number
  /** With its quotes. */
  readonly etag: string
  /** Milliseconds since the epoch; HTTP shows whole seconds. */
  readonly lastModified: number
  readonly headers: RawHeaders
  /** Sizes of the parts it was uploaded in; undefined for an object uploaded in one piece. */
  readonly partSizes?: readonly number[] | undefined
}

/** The answer to a read. `start` and `end` are half-open. */
export type ObjectAnswer =
  | { readonly kind: 'whole' | 'range'; readonly start: number; readonly end: number; readonly headers: RawHeaders }
  | { readonly kind: 'not-modified'; readonly headers: RawHeaders }
  | { readonly kind: 'error'; readonly status: number; readonly code: string; readonly headers: RawHeaders }

/**
 * Decides conditions and range as S3 does (RFC 9110 section 13.2.2). Written apart from `@s3proxy/protocol` on purpose:
 * a mistake there must not find its twin here.
 */
export function planAnswer(object: ObjectState, request: RawHeaders, partNumber?: number): ObjectAnswer {
  const validators = ['ETag', object.etag, 'Last-Modified', new Date(object.lastModified).toUTCString()]
  const modifiedAt = Math.floor(object.lastModified / 1000) * 1000
  const date = (name: string): number => Date.parse(headerValue(request, name) ?? '')
  const matches = (list: string): boolean =>
    list.trim() === '*' || list.split(',').some((tag) => tag.trim().replace(/^W\//, '') === object.etag)

  const ifMatch = headerValue(request, 'if-match')
  if (ifMatch === undefined ? modifiedAt > date('if-unmodified-since') : !matches(ifMatch)) {
    return { kind: 'error', status: 412, code: 'PreconditionFailed', headers: [] }
  }
  const ifNoneMatch = headerValue(request, 'if-none-match')
  if (ifNoneMatch === undefined ? modifiedAt <= date('if-modified-since') : matches(ifNoneMatch)) {
    return { kind: 'not-modified', headers: validators }
  }

  const { size } = object
  if (partNumber !== undefined) return planPart(object, validators, partNumber)
  const full = [...validators, 'Accept-Ranges', 'bytes', ...object.headers]
  const whole: ObjectAnswer = {
    kind: 'whole',
    start: 0,
    end: size,
    headers: [...full, 'Content-Length', String(size)],
  }
  const ifRange = headerValue(request, 'if-range')
  if (ifRange !== undefined && ifRange !== object.etag && Date.parse(ifRange) !== modifiedAt) return whole

  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(headerValue(request, 'range') ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return whole
  if (first !== '' && last !== '' && Number(first) > Number(last)) return whole
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (start >= size || start >= end) {
    return { kind: 'error', status: 416, code: 'InvalidRange', headers: ['Content-Range', `bytes */${size}`] }
  }
  return {
    kind: 'range',
    start,
    end,
    headers: [...full, 'Content-Range', `bytes ${start}-${end - 1}/${size}`, 'Content-Length', String(end - start)],
  }
}

/** A read by part number: 206 with the count of parts, or 416 (S3 API, GetObject). */
function planPart(object: ObjectState, validators: RawHeaders, partNumber: number): ObjectAnswer {
  const sizes = object.partSizes ?? [object.size]
  const length = sizes[partNumber - 1]
  if (length === undefined) return { kind: 'error', status: 416, code: 'InvalidPartNumber', headers: [] }
  const start = sizes.slice(0, partNumber - 1).reduce((sum, each) => sum + each, 0)
  const end = start + length
  const headers = [...validators, 'Accept-Ranges', 'bytes', ...object.headers]
  if (object.partSizes !== undefined) headers.push('x-amz-mp-parts-count', String(sizes.length))
  headers.push('Content-Range', `bytes ${start}-${end - 1}/${object.size}`, 'Content-Length', String(length))
  return { kind: 'range', start, end, headers }
}
