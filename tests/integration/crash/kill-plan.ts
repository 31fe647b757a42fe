/** When and how a child dies. */
export interface KillPlan {
  readonly directory: string
  /** File of what it has been promised. */
  readonly log: string
  readonly keys: readonly string[]
  readonly versions: readonly (readonly [key: string, version: number])[]
  readonly seed: number
  /** Whether no other process uses these keys. */
  readonly alone: boolean
  /** The file operation, counted from 1, at whose beginning it dies. */
  readonly operation: number
  /** Turns of the event loop it still lives. */
  readonly turns: number
}

/** Small, so that eviction is part of it. */
export const maxBytes = 3 << 20

/** Deterministic, from 0 to 1, 1 excluded. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
