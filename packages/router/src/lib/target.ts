import { parseAuthority } from './authority.ts'

/**
 * The longest request target that is looked at, in bytes. Presigned URLs with session tokens stay below 16 KiB; four
 * times that leaves room and bounds the work.
 */
export const maxTargetLength = 65_536

/** A request target by its form (RFC 9112 section 3.2). Paths and queries are byte for byte as sent. */
export type Target =
  | {
      /** `/path?query`. */
      readonly kind: 'origin'
      /** Begins with `/`. */
      readonly path: string
      /** Without the `?`; undefined if there was none. */
      readonly query: string | undefined
    }
  | {
      /** `http://authority/path?query`, as clients of a forward proxy send it. */
      readonly kind: 'absolute'
      readonly scheme: 'http' | 'https'
      /** `host[:port]`, not yet judged. Never empty. */
      readonly authority: string
      /** Empty, or begins with `/`. */
      readonly path: string
      readonly query: string | undefined
    }
  | {
      /** `host:port`, as CONNECT sends it. */
      readonly kind: 'authority'
      /** Lower case, no brackets. */
      readonly host: string
      /** 1 to 65535. */
      readonly port: number
    }
  | {
      /** `*`, as OPTIONS may send it. */
      readonly kind: 'asterisk'
    }
  | { readonly kind: 'malformed'; readonly reason: string }

/**
 * What no target may hold: controls, space, DEL, a fragment, and anything that is not one byte. Quotes, braces and
 * bytes from 0x80 on break RFC 3986 too, but clients send them in keys and S3 takes them.
 */
const forbidden = /[^\x21-\x22\x24-\x7e\x80-\xff]/

const httpScheme = /^(https?):\/\//i

/** Takes a request target apart. Nothing is decoded, resolved or normalised: the signature covers the spelling. */
export function parseTarget(target: string): Target {
  if (target.length > maxTargetLength) return malformed(`the request target is longer than ${maxTargetLength} bytes`)
  if (forbidden.test(target)) return malformed('the request target has a space, a control character or a fragment')
  if (target.charCodeAt(0) === 0x2f) {
    const mark = target.indexOf('?')
    if (mark === -1) return { kind: 'origin', path: target, query: undefined }
    return { kind: 'origin', path: target.slice(0, mark), query: target.slice(mark + 1) }
  }
  if (target === '') return malformed('the request target is empty')
  if (target === '*') return { kind: 'asterisk' }
  const scheme = httpScheme.exec(target)
  return scheme === null ? parseAuthorityForm(target) : parseAbsoluteForm(target, scheme)
}

function parseAbsoluteForm(target: string, [prefix, scheme]: RegExpExecArray): Target {
  const start = prefix.length
  const mark = indexOr(target.indexOf('?', start), target.length)
  const pathStart = Math.min(indexOr(target.indexOf('/', start), target.length), mark)
  const authority = target.slice(start, pathStart)
  if (authority === '') return malformed('the request target names no host')
  return {
    kind: 'absolute',
    scheme: scheme?.length === 5 ? 'https' : 'http',
    authority,
    path: target.slice(pathStart, mark),
    query: mark === target.length ? undefined : target.slice(mark + 1),
  }
}

function parseAuthorityForm(target: string): Target {
  const authority = parseAuthority(target)
  if (authority.kind === 'malformed') return malformed('the request target is neither a path nor an http URL')
  if (authority.port === undefined) return malformed('the request target is neither a path nor host:port')
  return { kind: 'authority', host: authority.hostname, port: authority.port }
}

function indexOr(index: number, fallback: number): number {
  return index === -1 ? fallback : index
}

function malformed(reason: string): Target {
  return { kind: 'malformed', reason }
}
