/**
 * The bytes that one process may hold in buffers between stores, disk and clients: pure accounting, it allocates nothing.
 * What can be smaller asks `fits` before it grows; what cannot be smaller is the minimum of an account.
 */
export interface MemoryBudget {
  /**
   * Whether `bytes` more leave half of the budget free. That half belongs to the minimum of every account, so only what
   * fits may be larger than a minimum or be read ahead.
   */
  fits(bytes: number): boolean
  /** Opens the account of one reader or fill; at least its minimum is charged until it is closed. */
  open(): BufferAccount
}

/** What one reader or fill holds. */
export interface BufferAccount {
  /** It holds `bytes` in all from now on. Charged is at least {@link minRunBytes}, so holding that much always goes. */
  hold(bytes: number): void
  /** Ends the account; it must be called, and may be called again. */
  close(): void
}

/**
 * The smallest run of bytes that a reader works with, and the least that an open account is charged: whoever has been
 * let in holds the right to one run, so nobody waits for memory in the midst of an answer. One block of a stored extent.
 */
export const minRunBytes = 64 * 1024

const freeAccount: BufferAccount = { hold: () => undefined, close: () => undefined }

/** A budget without an end, for parts that are used alone. */
export const unlimitedBudget: MemoryBudget = { fits: () => true, open: () => freeAccount }
