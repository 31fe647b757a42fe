import type { Config } from './config.ts'

/** Something that is allowed but that whoever runs the proxy should know. */
export interface Warning {
  readonly path: string
  readonly message: string
}

/** Settings that give up a protection. */
export function findWarnings({ upstream }: Config): Warning[] {
  const unchecked = upstream.stores.filter(({ scheme, validateTls }) => scheme === 'https' && !validateTls)
  return unchecked.map(({ name }) => ({
    path: 'upstream.stores',
    message: `the certificate of ${name} is not checked; prefer upstream.ca_file`,
  }))
}
