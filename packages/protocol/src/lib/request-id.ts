/** Digits of a request id. */
export const requestIdLength = 16

const digits = Uint8Array.from('0123456789ABCDEF', (digit) => digit.charCodeAt(0))

/**
 * A request id of the form S3 uses in `x-amz-request-id`: 16 upper-case hexadecimal digits.
 * `random` answers a number in `[0, 1)`, as `Math.random` does; it is called twice.
 */
export function makeRequestId(random: () => number): string {
  const high = Math.floor(random() * 0x1_0000_0000)
  const low = Math.floor(random() * 0x1_0000_0000)
  // In one piece, which takes half the time of putting digits together.
  return String.fromCharCode(
    digit(high >>> 28),
    digit(high >>> 24),
    digit(high >>> 20),
    digit(high >>> 16),
    digit(high >>> 12),
    digit(high >>> 8),
    digit(high >>> 4),
    digit(high),
    digit(low >>> 28),
    digit(low >>> 24),
    digit(low >>> 20),
    digit(low >>> 16),
    digit(low >>> 12),
    digit(low >>> 8),
    digit(low >>> 4),
    digit(low),
  )
}

function digit(bits: number): number {
  return digits[bits & 15] as number
}
