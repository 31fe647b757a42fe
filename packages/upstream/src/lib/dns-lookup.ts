import { promises as dns } from 'node:dns'

/** Asks for the addresses of one name. */
export interface DnsLookup {
  /** A records; rejects if there are none. */
  resolve4(name: string): Promise<readonly string[]>
  /** AAAA records; rejects if there are none. */
  resolve6(name: string): Promise<readonly string[]>
}

/** Wait for one server, and rounds over all of them: well within the wait of a client for its first byte. */
const queryTimeoutMs = 2_000
const rounds = 2

/** DNS queries to `servers` (`ip` or `ip:port`), by c-ares; the hosts file and the system's resolver are not used. */
export function createDnsLookup(servers: readonly string[]): DnsLookup {
  const resolver = new dns.Resolver({ timeout: queryTimeoutMs, tries: rounds })
  resolver.setServers(servers)
  return {
    resolve4: (name) => resolver.resolve4(name),
    resolve6: (name) => resolver.resolve6(name),
  }
}
