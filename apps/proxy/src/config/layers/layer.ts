import type { ValueOrigin } from '../origin.ts'
import type { ConfigProblem } from '../problem.ts'

/** One value that a layer gives to one key. */
export interface Assignment {
  /** Dotted path of a known key. */
  readonly path: string
  /** What was written, as plain data; not yet checked. */
  readonly raw: unknown
  readonly origin: ValueOrigin
  /** The place of something inside the value, for lists and mappings. */
  locate(inside: readonly PropertyKey[]): ValueOrigin
}

/** What one layer says. */
export interface Layer {
  readonly assignments: readonly Assignment[]
  readonly problems: readonly ConfigProblem[]
}

/** An assignment whose parts have no place of their own. */
export function plainAssignment(path: string, raw: unknown, origin: ValueOrigin): Assignment {
  return { path, raw, origin, locate: () => origin }
}
