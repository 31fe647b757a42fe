import type { Config } from './config.ts'
import { findRuleWarnings } from './rule-warnings.ts'

/** Something that is allowed but that whoever runs the proxy should know. */
export interface Warning {
  readonly path: string
  /** The place inside the value of `path`. Default: the whole of it. */
  readonly inside?: readonly PropertyKey[]
  readonly message: string
}

/** Settings that give up a protection, and rules that do nothing. */
export function findWarnings({ upstream, rules }: Config): Warning[] {
  const unchecked = upstream.stores.filter(({ scheme, validateTls }) => scheme === 'https' && !validateTls)
  const certificates = unchecked.map(({ name }) => ({
    path: 'upstream.stores',
    message: `the certificate of ${name} is not checked; prefer upstream.ca_file`,
  }))
  return [...findRuleWarnings(rules), ...certificates]
}
