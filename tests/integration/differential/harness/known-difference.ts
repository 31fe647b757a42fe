import type { Probe } from './probe.ts'
import type { Mode } from './proxy.ts'
import type { State } from './read-case.ts'

/** A place where the proxy answers otherwise than the store would, and is right to. Both answers are checked. */
export interface KnownDifference {
  /** The status of the store's own answer. */
  readonly store: number
  /** In which modes and states the proxy differs. */
  readonly where: (mode: Mode, state: State) => boolean
  /** The proxy's answer is the one that the store gives to the same request with these changes. */
  readonly with: Partial<Probe>
  readonly reason: string
}
