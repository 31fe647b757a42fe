import type { Probe } from './probe.ts'
import type { Mode } from './proxy.ts'

/** What the cache holds when a read arrives. */
export type State =
  /** Nothing. */
  | 'cold'
  /** What the same read left there. */
  | 'again'
  /** The whole object; in RAM too if it is not large. */
  | 'whole'
  /** The whole object, on disk only; tried in `network` mode alone, as the ways part only later. */
  | 'disk'
  /** The whole object, and what the same read left there when it came upon that. */
  | 'learnt'
  /** Some bytes out of its middle. */
  | 'part'
  /** A HEAD's answer. */
  | 'head'

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
  /** The first such read of an object is answered by the store, so `answeredBy` is for state `learnt`. */
  readonly learns?: boolean
  /** The object's own path, with which it is brought into the cache. Default: that of the target, at the same host. */
  readonly object?: string
  /** What to try it in. Default: everything; if the store answers, `cold`, `whole` and `part`. */
  readonly states?: readonly State[]
  /** Default: `s3` and `network`. */
  readonly modes?: readonly Mode[]
}

/** For cases that are about what is asked, not about what is held. */
export const briefly: readonly State[] = ['cold', 'whole']

/** A case as a table writes it down: what it does not say is the table's default. */
export type Row = Partial<ReadCase> & Pick<ReadCase, 'name'>

/** Cases of a table that have something in common. */
export function readCases(
  defaults: Omit<Partial<ReadCase>, 'name'> & Pick<ReadCase, 'answeredBy'>,
  cases: readonly Row[],
): readonly ReadCase[] {
  return cases.map((each) => ({ target: '/', ...defaults, ...each }))
}
