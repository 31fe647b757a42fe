/**
 * Runs `measure` on every item in rounds, so that what disturbs the machine for a while disturbs all alike. Each round
 * begins with another item.
 */
export async function interleave<T, R>(
  rounds: number,
  items: readonly T[],
  measure: (item: T, round: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < items.length; index++) {
      const item = items[(index + round) % items.length]
      if (item !== undefined) results.push(await measure(item, round))
    }
  }
  return results
}
