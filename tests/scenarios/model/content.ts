/** Bytes of one stamp. */
const stampBytes = 16

/**
 * A body that says of every byte what it is: stamps of 16 bytes, `<key>:<version>:<position>\n`. Bytes of another
 * version, key or place, and bytes that are missing, show from the bytes alone.
 */
export function contentOf(key: number, version: number, size: number): Buffer {
  const stamps = Math.ceil(size / stampBytes)
  const bytes = Buffer.alloc(stamps * stampBytes)
  const stamp = Buffer.from(`${key % 10}:${String(version).padStart(5, '0')}:0000000\n`, 'latin1')
  for (let at = 0; at < bytes.length; at += stampBytes) {
    stamp.copy(bytes, at)
    increment(stamp)
  }
  return bytes.subarray(0, size)
}

/** Most parts of a version. */
export const maxParts = 4

/**
 * Sizes of the parts in which a version was uploaded, as uneven as uploaders like; undefined for one uploaded in one
 * piece.
 */
export function partSizesOf(version: number, size: number): readonly number[] | undefined {
  const count = Math.min(size, version % (maxParts + 1))
  if (count === 0) return undefined
  const first = Math.max(1, Math.floor((size / count) * (0.5 + (version % 3) / 4)))
  const sizes: number[] = []
  for (let rest = size; rest > 0; rest -= sizes.at(-1) ?? rest) {
    sizes.push(sizes.length === count - 1 ? rest : Math.min(rest, first + sizes.length))
  }
  return sizes
}

/** Adds one to the seven digits before a stamp's end. */
function increment(stamp: Buffer): void {
  for (let digit = stampBytes - 2; digit >= stampBytes - 8; digit--) {
    const value = (stamp[digit] ?? 0) + 1
    stamp[digit] = value > 57 ? 48 : value
    if (value <= 57) return
  }
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
