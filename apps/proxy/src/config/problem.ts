import { formatOrigin, type ValueOrigin } from './origin.ts'

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  readonly origin: ValueOrigin
  /** Dotted path of the key; empty when the trouble is not about one key. */
  readonly path: string
  /** What is wrong, without the path. Never holds a secret. */
  readonly message: string
  /** The valid name that was probably meant. */
  readonly nearest?: string
}

/** `file:line:column: key.path: message; did you mean other.path?` */
export function formatProblem(problem: ConfigProblem): string {
  const path = problem.path === '' ? '' : `${problem.path}: `
  const hint = problem.nearest === undefined ? '' : `; did you mean ${problem.nearest}?`
  return `${formatOrigin(problem.origin)}: ${path}${problem.message}${hint}`
}
