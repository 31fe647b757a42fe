import type { RawHeaders } from './message.ts'

/** The first value of `name` (any case), or undefined. */
export function headerValue(headers: RawHeaders, name: string): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) if (isNamed(headers[i] as string, name)) return headers[i + 1]
  return undefined
}

/** Every value of `name` (any case), in order. */
export function headerValues(headers: RawHeaders, name: string): string[] {
  const values: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (isNamed(headers[i] as string, name)) values.push(headers[i + 1] as string)
  }
  return values
}

/** Whether two names are the same in any case. Most differ in length: those cost nothing. */
function isNamed(candidate: string, name: string): boolean {
  return candidate.length === name.length && candidate.toLowerCase() === name.toLowerCase()
}

/** All values of `name` as one list field (RFC 9110 section 5.3), or undefined if the field is absent. */
export function combinedValue(headers: RawHeaders, name: string): string | undefined {
  const values = headerValues(headers, name)
  return values.length === 0 ? undefined : values.join(', ')
}

/** The fields whose lower-case name satisfies `keep`, in order. */
export function filterHeaders(headers: RawHeaders, keep: (lowerName: string) => boolean): string[] {
  const kept: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string
    if (keep(name.toLowerCase())) kept.push(name, headers[i + 1] as string)
  }
  return kept
}

/** Fields that speak of one connection only (RFC 9110 section 7.6.1) and never pass a proxy. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * The fields that pass a proxy: all but the hop-by-hop ones and those that `Connection` names, except that a field for
 * which `keep` answers true (because it is signed) stays.
 */
export function endToEndHeaders(headers: RawHeaders, keep: (lowerName: string) => boolean = () => false): string[] {
  const named = combinedValue(headers, 'connection')
  const listed = named === undefined ? [] : named.split(',').map((token) => token.trim().toLowerCase())
  return filterHeaders(headers, (name) => keep(name) || !(hopByHop.has(name) || listed.includes(name)))
}
