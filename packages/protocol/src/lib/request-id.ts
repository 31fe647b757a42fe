/**
 * A request id of the form S3 uses in `x-amz-request-id`: 16 upper-case hexadecimal digits.
 * `random` answers a number in `[0, 1)`, as `Math.random` does; it is called twice.
 */
export function makeRequestId(random: () => number): string {
  return half(random()) + half(random())
}

function half(fraction: number): string {
  return Math.floor(fraction * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0')
    .toUpperCase()
}
