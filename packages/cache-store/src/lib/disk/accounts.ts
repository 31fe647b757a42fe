/** One account per first-level directory and one for temporaries that nobody alive answers for. */
export const accountCount = 257

/** The account of temporaries that nobody alive answers for. */
export const temporariesAccount = 256

/** The account a key's bytes are booked on. */
export function shardOf(keyHash: string): number {
  return Number.parseInt(keyHash.slice(0, 2), 16)
}
