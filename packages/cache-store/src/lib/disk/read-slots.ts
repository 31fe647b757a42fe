/** Bounds the reads under way at once: the next begins when one has ended, in the order they asked. */
export interface ReadSlots {
  /** Takes a place: at once (undefined), or when the promise resolves. */
  enter(): undefined | Promise<void>
  leave(): void
}

/** `most` places, all free. */
export function createReadSlots(most: number): ReadSlots {
  let taken = 0
  const waiting: (() => void)[] = []
  return {
    enter() {
      if (taken < most) {
        taken++
        return undefined
      }
      return new Promise((resolve) => {
        waiting.push(resolve)
      })
    },
    leave() {
      const next = waiting.shift()
      if (next === undefined) taken--
      else next()
    },
  }
}
