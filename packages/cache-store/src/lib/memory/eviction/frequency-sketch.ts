import { mix } from './hash-identity.ts'

/**
 * How often hashes have been seen lately, up to 15, in half a byte per counter: a count-min sketch. Estimates are never too low
 * before aging. Once ten uses per thing expected, 2,560 at least, have been counted, all are halved, so that the past fades.
 */
export interface FrequencySketch {
  count(hash: number): void
  estimate(hash: number): number
  /** Makes room for some `count` things. Estimates stay as they are. */
  reserve(count: number): void
  /** Uses after which everything is halved. */
  readonly periodUses: number
  /** Memory taken. */
  readonly bytes: number
}

const maxEstimate = 15
/** One cache line of 128 counters for eight things: all four counters of a hash are in one line. */
const wordsPerBlock = 16
const thingsPerBlock = 8
const rows = 4
/** 16 KiB, 256 things: what a small cache remembers has to reach much further back than what it holds, or rare uses all look alike. */
const minBlocks = 32
/** 64 MiB: beyond some eight million things estimates get coarser. */
const maxBlocks = 2 ** 20
const usesPerThing = 10

export function createFrequencySketch(): FrequencySketch {
  let words = new Uint32Array(minBlocks * wordsPerBlock)
  let blocks = minBlocks
  let used = 0

  /** Word of the counter of `row`; `spread` has five bits for each row, of which the upper two choose the word. */
  const wordOf = (hash: number, spread: number, row: number): number =>
    (hash & (blocks - 1)) * wordsPerBlock + row * (wordsPerBlock / rows) + ((spread >>> (row * 5)) & 3)
  const shiftOf = (spread: number, row: number): number => ((spread >>> (row * 5 + 2)) & 7) * 4

  const age = (): void => {
    for (let index = 0; index < words.length; index++) words[index] = ((words[index] ?? 0) >>> 1) & 0x77777777
    used >>>= 1
  }

  return {
    count(hash) {
      const spread = mix(hash)
      let grew = false
      for (let row = 0; row < rows; row++) {
        const index = wordOf(hash, spread, row)
        const shift = shiftOf(spread, row)
        const word = words[index] ?? 0
        if (((word >>> shift) & maxEstimate) === maxEstimate) continue
        words[index] = word + (1 << shift)
        grew = true
      }
      if (grew && ++used >= blocks * thingsPerBlock * usesPerThing) age()
    },
    estimate(hash) {
      const spread = mix(hash)
      let least = maxEstimate
      for (let row = 0; row < rows; row++) {
        const value = ((words[wordOf(hash, spread, row)] ?? 0) >>> shiftOf(spread, row)) & maxEstimate
        if (value < least) least = value
      }
      return least
    },
    reserve(count) {
      while (blocks * thingsPerBlock < count && blocks < maxBlocks) {
        // A hash goes to its old block or to that block's twin: with the same counters in both, nothing is lost.
        const grown = new Uint32Array(words.length * 2)
        grown.set(words)
        grown.set(words, words.length)
        words = grown
        blocks *= 2
      }
    },
    get periodUses() {
      return blocks * thingsPerBlock * usesPerThing
    },
    get bytes() {
      return words.byteLength
    },
  }
}
