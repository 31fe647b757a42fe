/** A table from host patterns to values, compiled once. */
export interface HostPatterns<T> {
  /** The value of the most specific pattern: `host:port`, then `host`, then the longest suffix (with port first). */
  match(hostname: string, port: number): T | undefined
}

/**
 * Compiles patterns `host`, `host:port`, `[ipv6]`, `[ipv6]:port`, `*.suffix` and `*.suffix:port`. A suffix matches names
 * beneath it at any depth, not itself. Throws TypeError for a pattern of another form.
 */
export function compileHostPatterns<T>(patterns: Readonly<Record<string, T>>): HostPatterns<T> {
  const exact = new Map<string, T>()
  const suffixes = new Map<string, T>()
  for (const [pattern, value] of Object.entries(patterns)) {
    const wildcard = pattern.startsWith('*.')
    const key = canonicalAuthority(wildcard ? pattern.slice(2) : pattern)
    if (key === undefined) {
      throw new TypeError(`"${pattern}" is not a host, host:port or *.suffix`)
    }
    ;(wildcard ? suffixes : exact).set(key, value)
  }
  return {
    match(hostname, port) {
      const host = hostname.toLowerCase()
      const found = exact.get(`${host}:${port}`) ?? exact.get(host)
      if (found !== undefined || suffixes.size === 0) return found
      for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
        const suffix = host.slice(dot + 1)
        const value = suffixes.get(`${suffix}:${port}`) ?? suffixes.get(suffix)
        if (value !== undefined) return value
      }
      return undefined
    },
  }
}

const authority = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9_](?:[a-z0-9_.-]{0,252})))(?::(\d{1,5}))?$/

/** A host with an optional port. */
export interface HostAndPort {
  /** Lower case; IPv6 without brackets. */
  readonly host: string
  readonly port: number | undefined
}

/** Reads `host`, `host:port`, `[ipv6]` or `[ipv6]:port`; undefined if it is none of them. */
export function parseHostAndPort(text: string): HostAndPort | undefined {
  const match = authority.exec(text.toLowerCase())
  if (match === null) return undefined
  const host = match[1] ?? match[2] ?? ''
  if (match[3] === undefined) return { host, port: undefined }
  const port = Number(match[3])
  return port >= 1 && port <= 65_535 ? { host, port } : undefined
}

function canonicalAuthority(text: string): string | undefined {
  const parsed = parseHostAndPort(text)
  if (parsed === undefined) return undefined
  return parsed.port === undefined ? parsed.host : `${parsed.host}:${parsed.port}`
}
