import { isIP, isIPv6 } from 'node:net'
import { malformed, type Reading, read } from './reading.ts'
import { showValue } from './show-value.ts'

/** A host and perhaps a port, as they stand in a URL. */
export interface HostPort {
  /** Lower case; IPv6 without brackets. */
  readonly host: string
  /** 1 to 65535. */
  readonly port: number | undefined
}

/** `host`, `host:port`, `10.0.0.1:9000`, `[::1]:9000` or a bare IPv6 address. Lower-cased, no trailing dot. */
export function parseHostPort(text: string): Reading<HostPort> {
  const wrong = malformed(`${showValue(text)} is not a host name or IP address with an optional :port`)
  if (text.length > 280) return wrong
  if (isIPv6(text)) return read({ host: text.toLowerCase(), port: undefined })
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text)
  if (match === null) return wrong
  const [, bracketed, plain, digits] = match
  const port = digits === undefined ? undefined : Number(digits)
  if (port !== undefined && (port < 1 || port > 65_535)) return malformed(`${showValue(text)} has a port beyond 65535`)
  if (bracketed !== undefined) return isIPv6(bracketed) ? read({ host: bracketed.toLowerCase(), port }) : wrong
  const host = (plain as string).toLowerCase()
  return isIP(host) !== 0 || isHostname(host) ? read({ host, port }) : wrong
}

/** Whether `text` is a host name: labels of letters, digits, `-` and `_`, at most 253 characters. */
export function isHostname(text: string): boolean {
  return (
    text.length <= 253 &&
    text.split('.').every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
  )
}

/** The inverse of {@link parseHostPort}; IPv6 in brackets. */
export function formatHostPort({ host, port }: HostPort): string {
  const name = isIPv6(host) ? `[${host}]` : host
  return port === undefined ? name : `${name}:${port}`
}
