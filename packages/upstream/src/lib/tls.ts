import { isIP } from 'node:net'
import {
  type CommonConnectionOptions,
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  getCACertificates,
  type SecureContext,
} from 'node:tls'
import type { Origin } from './client.ts'
import { compileHostPatterns } from './host-patterns.ts'
import type { StoreTransport } from './options.ts'

/** What one TLS connection needs besides its address. */
export type TlsSettings = Pick<
  ConnectionOptions,
  'servername' | 'secureContext' | 'rejectUnauthorized' | 'checkServerIdentity'
> &
  Pick<CommonConnectionOptions, 'ALPNProtocols'>

/** Chooses the TLS settings of each origin. */
export interface TlsPolicy {
  /** Settings for connections to `origin`, or undefined if it speaks plain HTTP. */
  settingsFor(origin: Origin): TlsSettings | undefined
}

/** What {@link createTlsPolicy} is made of. */
export interface TlsPolicyOptions {
  readonly ca: readonly string[]
  readonly stores: Readonly<Record<string, StoreTransport>>
}

/**
 * TLS 1.2 or later and HTTP/1.1 only, trusting the roots of Node, of the system and `ca`. Verification is waived for
 * nothing but a store whose entry says so, never as a second try.
 */
export function createTlsPolicy({ ca, stores }: TlsPolicyOptions): TlsPolicy {
  const transports = compileHostPatterns(withSubdomains(stores))
  let context: SecureContext | undefined
  const secureContext = (): SecureContext => {
    context ??= createSecureContext({ ca: trustedRoots(ca), minVersion: 'TLSv1.2' })
    return context
  }
  return {
    settingsFor({ scheme, hostname, port }) {
      if (scheme === 'http') return undefined
      return {
        // RFC 6066 section 3 allows no IP literal as a server name
        ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
        secureContext: secureContext(),
        rejectUnauthorized: transports.match(hostname, port)?.validateTls ?? true,
        checkServerIdentity: (_connectedTo, certificate) => checkServerIdentity(hostname, certificate),
        ALPNProtocols: ['http/1.1'],
      }
    },
  }
}

/** Naming a root replaces Node's own list, so the whole list is named. */
function trustedRoots(extra: readonly string[]): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...extra])]
}

/** A store's settings hold for the buckets that are host names beneath it as well. */
function withSubdomains(stores: Readonly<Record<string, StoreTransport>>): Record<string, StoreTransport> {
  const patterns: Record<string, StoreTransport> = {}
  for (const [name, transport] of Object.entries(stores)) {
    patterns[name] = transport
    if (!name.startsWith('*.') && !name.startsWith('[')) patterns[`*.${name}`] = transport
  }
  return patterns
}
