import { formatIpAddress, parseIpAddress } from './ip-address.ts'

/** The longest `host[:port]` that is looked at: 253 characters of name, a trailing dot, a port. */
export const maxAuthorityLength = 260

/** The port of a scheme when none is written (RFC 9110 section 4.2). */
export const defaultPorts = { http: 80, https: 443 } as const

/** A `host[:port]` taken apart, or why it is none. */
export type Authority =
  | {
      readonly kind: 'name' | 'ipv4' | 'ipv6'
      /** Lower case, no trailing dot, no brackets; IPv6 in canonical form (RFC 5952). */
      readonly hostname: string
      /** 1 to 65535; undefined if none was written. */
      readonly port: number | undefined
    }
  | { readonly kind: 'malformed'; readonly reason: string }

const decimalPort = /^[0-9]{1,5}$/
/** Judged before lower-casing, which turns some characters beyond ASCII into letters. */
const nameCharacters = /^[A-Za-z0-9._-]*$/
/** A last label that a resolver could read as an IPv4 number (`127.1`, `0x7f000001`). */
const numericLastLabel = /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/

/**
 * Splits the value of a `Host` field or the authority of an http URI (RFC 9110 section 7.2, RFC 3986 section 3.2.2).
 * Underscores are accepted in names because old buckets have them; user information is not.
 */
export function parseAuthority(text: string): Authority {
  if (text === '') return malformed('the host is empty')
  if (text.length > maxAuthorityLength) return malformed(`the host is longer than ${maxAuthorityLength} characters`)
  if (text.startsWith('[')) return parseBracketed(text)
  const colon = text.indexOf(':')
  if (colon !== text.lastIndexOf(':')) return malformed('an IPv6 address must stand in brackets')
  const port = colon === -1 ? undefined : parsePort(text.slice(colon + 1))
  if (port === 'malformed') return malformed('the port is not a number from 1 to 65535')
  const written = colon === -1 ? text : text.slice(0, colon)
  if (!nameCharacters.test(written)) return malformed('the host has a character that no host name has')
  const hostname = withoutTrailingDot(written).toLowerCase()
  if (parseIpAddress(hostname) !== undefined) return { kind: 'ipv4', hostname, port }
  const reason = nameFault(hostname)
  return reason === undefined ? { kind: 'name', hostname, port } : malformed(reason)
}

function parseBracketed(text: string): Authority {
  const close = text.indexOf(']')
  const bytes = close === -1 ? undefined : parseIpAddress(text.slice(1, close))
  if (bytes?.length !== 16) return malformed('the brackets hold no IPv6 address')
  const rest = text.slice(close + 1)
  const port = rest === '' ? undefined : rest.startsWith(':') ? parsePort(rest.slice(1)) : 'malformed'
  if (port === 'malformed') return malformed('the port is not a number from 1 to 65535')
  return { kind: 'ipv6', hostname: formatIpAddress(bytes), port }
}

function parsePort(text: string): number | 'malformed' {
  if (!decimalPort.test(text)) return 'malformed'
  const port = Number(text)
  return port >= 1 && port <= 65_535 ? port : 'malformed'
}

function withoutTrailingDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name
}

/** What keeps a lower-case name from being one (RFC 1035 section 2.3.4 limits). */
function nameFault(name: string): string | undefined {
  if (name === '') return 'the host is empty'
  if (name.length > 253) return 'the host name is longer than 253 characters'
  if (numericLastLabel.test(name)) return 'the host ends in a number but is no IPv4 address of four decimal parts'
  for (let start = 0; start <= name.length; ) {
    const dot = name.indexOf('.', start)
    const end = dot === -1 ? name.length : dot
    if (end === start) return 'the host name has an empty label'
    if (end - start > 63) return 'the host name has a label longer than 63 characters'
    start = end + 1
  }
  return undefined
}

function malformed(reason: string): Authority {
  return { kind: 'malformed', reason }
}
