/** The 256 bytes as two upper-case hexadecimal digits each. */
const hex: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0').toUpperCase(),
)

/**
 * A request id of the form S3 uses in `x-amz-request-id`: 16 upper-case hexadecimal digits.
 * `random` answers a number in `[0, 1)`, as `Math.random` does; it is called twice.
 */
export function makeRequestId(random: () => number): string {
  return half(random()) + half(random())
}

function half(fraction: number): string {
  const bits = Math.floor(fraction * 0x1_0000_0000)
  return `${hex[bits >>> 24]}${hex[(bits >>> 16) & 0xff]}${hex[(bits >>> 8) & 0xff]}${hex[bits & 0xff]}`
}
