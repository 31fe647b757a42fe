/** An IP address as its bytes: 4 for IPv4, 16 for IPv6. */
export type IpBytes = readonly number[]

const decimalOctet = /^(?:0|[1-9][0-9]{0,2})$/
const hexGroup = /^[0-9A-Fa-f]{1,4}$/

/** No textual IPv6 address is longer (RFC 4291 section 2.2, six full groups and a dotted quad). */
const maxIpLength = 45

/**
 * The bytes of an IPv4 dotted quad or an IPv6 address without brackets, or undefined if `text` is neither. Strict:
 * four decimal parts without leading zeros, no shorthand (`127.1`), no hexadecimal, no zone identifier.
 */
export function parseIpAddress(text: string): IpBytes | undefined {
  if (text.length > maxIpLength) return undefined
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): IpBytes | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const bytes: number[] = []
  for (const part of parts) {
    if (!decimalOctet.test(part)) return undefined
    const value = Number(part)
    if (value > 255) return undefined
    bytes.push(value)
  }
  return bytes
}

function parseIpv6(text: string): IpBytes | undefined {
  const gap = text.indexOf('::')
  if (gap === -1) {
    const bytes = parseGroups(text, true)
    return bytes?.length === 16 ? bytes : undefined
  }
  const head = parseGroups(text.slice(0, gap), false)
  const tail = parseGroups(text.slice(gap + 2), true)
  // `::` stands for at least one group of zeros (RFC 4291 section 2.2).
  if (head === undefined || tail === undefined || head.length + tail.length > 14) return undefined
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail]
}

/** The bytes of groups between colons; only the last may be a dotted quad. */
function parseGroups(text: string, quadAllowed: boolean): number[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  const bytes: number[] = []
  for (const [index, group] of groups.entries()) {
    if (hexGroup.test(group)) {
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 0xff)
      continue
    }
    const quad = quadAllowed && index === groups.length - 1 ? parseIpv4(group) : undefined
    if (quad === undefined) return undefined
    bytes.push(...quad)
  }
  return bytes
}

/** The canonical text of an address: dotted quad, or RFC 5952 (lower case, the longest run of zeros as `::`). */
export function formatIpAddress(bytes: IpBytes): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0))
  const { start, length } = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start }
  }
  return best
}

/** The IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2); any other address as it is. */
export function unmapIpAddress(bytes: IpBytes): IpBytes {
  const mapped = bytes.length === 16 && bytes.every((byte, i) => i > 11 || byte === (i < 10 ? 0 : 0xff))
  return mapped ? bytes.slice(12) : bytes
}
