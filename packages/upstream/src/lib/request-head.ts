import { ProxyError, type RawHeaders } from '@s3proxy/protocol'
import type { UpstreamRequest } from './client.ts'
import { hasCloseOption } from './wire/close-option.ts'

/** How the end of a request body is told (RFC 9112 section 6). */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }

/** What the sending of a request depends on. */
export interface HeadFacts {
  readonly framing: Framing
  /** Whether the body waits for `100 Continue` (RFC 9110 section 10.1.1). */
  readonly expectsContinue: boolean
  /** Whether the store is told to close the connection after its answer. */
  readonly closes: boolean
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Field values in latin-1: visible, space, tab and obs-text (RFC 9110 section 5.5). */
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/
const originForm = /^\/[\x21-\xff]*$/
const digits = /^\d{1,15}$/
const none: Framing = { kind: 'none' }
const chunked: Framing = { kind: 'chunked' }

/**
 * Reads what `request` says of its own body, and proves that its head can be sent as it stands. Throws `InvalidRequest`
 * for anything that could be taken for two requests: bytes outside the grammar, a repeated or malformed Content-Length,
 * length and chunked together, a body without framing or framing without a body.
 */
export function inspectHead(request: UpstreamRequest): HeadFacts {
  if (!token.test(request.method) || request.method === 'CONNECT') throw invalid('the method cannot be sent')
  if (request.body !== undefined && request.method !== request.method.toUpperCase()) {
    // node:http would send it in upper case; no store knows such a method anyway
    throw new ProxyError('NotImplemented', { source: 'client', reason: 'unknown-method' })
  }
  if (!originForm.test(request.target)) throw invalid('the request target is not in origin form')
  const { headers } = request
  if (headers.length % 2 !== 0) throw invalid('a header has no value')
  let framing = none
  let expectsContinue = false
  let hasTrailer = false
  let closes = false
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    if (!token.test(name)) throw invalid('a header name has characters that cannot be sent')
    if (!fieldValue.test(value)) throw invalid(`the value of ${name} has characters that cannot be sent`)
    if (name.length === 6 && name.toLowerCase() === 'expect') {
      if (value.trim().toLowerCase() !== '100-continue') throw invalid('the expectation is not known')
      expectsContinue = true
    } else if (name.length === 7 && name.toLowerCase() === 'trailer') {
      hasTrailer = true
    } else if (name.length === 10 && name.toLowerCase() === 'connection') {
      closes ||= hasCloseOption(value)
    } else if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (framing.kind !== 'none' || !digits.test(value)) throw invalid('Content-Length is repeated or malformed')
      framing = { kind: 'length', bytes: Number(value) }
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      if (framing.kind !== 'none' || value.trim().toLowerCase() !== 'chunked') {
        throw invalid('Transfer-Encoding is repeated, beside Content-Length, or not chunked')
      }
      framing = chunked
    }
  }
  const announced = framing.kind === 'chunked' || (framing.kind === 'length' && framing.bytes > 0)
  if (request.body === undefined && announced) throw invalid('a body is announced but there is none')
  if (request.body !== undefined && framing.kind === 'none') throw invalid('the body has no framing')
  if (hasTrailer && framing.kind !== 'chunked' && (request.body !== undefined || expectsContinue)) {
    throw invalid('Trailer is announced for a body that is not chunked')
  }
  return { framing, expectsContinue, closes }
}

/** The head of `request` as it goes over the wire, in latin-1. The request must have passed {@link inspectHead}. */
export function renderHead(method: string, target: string, headers: RawHeaders): string {
  let head = `${method} ${target} HTTP/1.1\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  return `${head}\r\n`
}

function invalid(message: string): ProxyError {
  return new ProxyError('InvalidRequest', { source: 'client', message: `The request cannot be forwarded: ${message}.` })
}
