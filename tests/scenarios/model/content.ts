/** Bytes of one stamp. */
const stampBytes = 16

/**
 * A body that says of every byte what it is: stamps of 16 bytes, `<key>:<version>:<position>\n`. Bytes of another
 * version, key or place, and bytes that are missing, show from the bytes alone.
 */
export function contentOf(key: number, version: number, size: number): Buffer {
  const stamps = Math.ceil(size / stampBytes)
  const bytes = Buffer.alloc(stamps * stampBytes)
  const prefix = Buffer.from(`${key % 10}:${String(version).padStart(5, '0')}:`, 'latin1')
  for (let stamp = 0; stamp < stamps; stamp++) {
    const at = stamp * stampBytes
    prefix.copy(bytes, at)
    let rest = stamp
    for (let digit = 14; digit >= 8; digit--) {
      bytes[at + digit] = 48 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    bytes[at + 15] = 10
  }
  return bytes.subarray(0, size)
}

/** How `got` differs from `expected`, in a line for people; undefined if it does not. */
export function difference(got: Buffer, expected: Buffer): string | undefined {
  if (got.equals(expected)) return undefined
  const shorter = Math.min(got.length, expected.length)
  let at = 0
  while (at < shorter && got[at] === expected[at]) at++
  const around = (bytes: Buffer): string =>
    JSON.stringify(bytes.subarray(Math.max(0, at - 16), at + 32).toString('latin1'))
  return `${got.length} bytes for ${expected.length}, unlike from ${at} on: got ${around(got)} for ${around(expected)}`
}
