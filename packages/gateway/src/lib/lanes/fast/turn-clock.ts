/**
 * A clock that is read once per turn of the event loop: under load many requests share a reading, and asking the machine
 * each time costs as much as routing. `later` runs a function when the turn ends: `setImmediate`.
 */
export function createTurnClock(now: () => number, later: (reset: () => void) => void): () => number {
  let reading: number | undefined
  const reset = (): void => {
    reading = undefined
  }
  return () => {
    if (reading !== undefined) return reading
    reading = now()
    later(reset)
    return reading
  }
}
