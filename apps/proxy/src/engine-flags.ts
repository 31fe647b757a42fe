/**
 * How V8 is to collect garbage in a server. `docs/decisions/018-garbage.md` has the figures.
 *
 * - `single-threaded-gc`: by the thread that made it. V8's four helpers want the core that the thread needs: with a
 *   process on each core, a hundredth of the requests waited 20 ms for them.
 * - `no-allocation-site-pretenuring`: V8 makes objects of a kind old from the start once it has seen most of them outlive
 *   two minor collections, and hardly ever thinks again. Requests that wait together for a cold object outlive some, and
 *   from then on every hit left a third of what it makes until the next full collection.
 */
const wanted = ['--single-threaded-gc', '--no-allocation-site-pretenuring'] as const

/** The options of Node.js that are missing from `given`. What somebody has set, either way, is left to them. */
export function missingEngineFlags(given: readonly string[]): readonly string[] {
  const named = new Set(given.map(nameOf))
  return wanted.filter((flag) => !named.has(nameOf(flag)))
}

/** V8 takes `--no-some-flag`, `--nosome_flag` and `--some-flag=false` for the same. */
function nameOf(flag: string): string {
  return flag
    .replaceAll('_', '-')
    .replace(/^--(no-?)?/, '')
    .replace(/=.*$/s, '')
}
