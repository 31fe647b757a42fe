import type { Probe } from './probe.ts'

/** A read that is sent to the store and through the proxies, with nothing, all or a part of its object cached. */
export interface ReadCase extends Probe {
  /** Unique among all cases. */
  readonly name: string
  /**
   * Who answers once the whole object is cached. `cache`: it does, in `s3` mode after asking whether it may. `network`:
   * in `network` mode only; in `s3` mode the store's own answer is passed on. `asked`: the cache, after asking in either
   * mode. `store`: always the store. Errors are the store's in any case.
   */
  readonly answeredBy: 'cache' | 'network' | 'asked' | 'store'
}

/** A case as a table writes it down: what it does not say is the table's default. */
export type Row = Partial<ReadCase> & Pick<ReadCase, 'name'>

/** Cases of a table that have something in common. */
export function readCases(
  defaults: Omit<Partial<ReadCase>, 'name'> & Pick<ReadCase, 'answeredBy'>,
  cases: readonly Row[],
): readonly ReadCase[] {
  return cases.map((each) => ({ target: '/', ...defaults, ...each }))
}
