import { isIP, isIPv4, isIPv6 } from 'node:net'
import { ProxyError } from '@s3proxy/protocol'
import { type Clock, systemClock } from './clock.ts'
import { createDnsLookup, type DnsLookup } from './dns-lookup.ts'

/** Finds the addresses of host names. */
export interface Resolver {
  /**
   * IP literals, IPv4 first; at least one. An IP literal answers itself, `localhost` and names beneath it the loopback
   * addresses (RFC 6761 section 6.3). Rejects (or throws) with `ServiceUnavailable`.
   */
  resolve(hostname: string): readonly string[] | Promise<readonly string[]>
}

/** What {@link createResolver} can be told. */
export interface ResolverOptions {
  /** Name servers, `ip` or `ip:port`, asked in turn. */
  readonly servers: readonly string[]
  /** Age at which an answer is renewed, in milliseconds. Default 60 s. */
  readonly refreshMs?: number | undefined
  /** Longest wait for one look-up, in milliseconds. Default 8 s. */
  readonly timeoutMs?: number | undefined
  /** Names remembered; beyond it the one not asked for longest is forgotten. Default 10,000. */
  readonly maxNames?: number | undefined
  /** Default: DNS queries to `servers`. */
  readonly lookup?: DnsLookup | undefined
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
}

interface Entry {
  readonly addresses: readonly string[]
  /** When it was last confirmed, or, after a failed renewal, last tried. */
  readonly checkedAt: number
  /** How long it counts as fresh from `checkedAt`. */
  readonly freshMs: number
}

/** Addresses used of one family; larger answers are cut. */
const maxAddresses = 32
/** How long IPv6 addresses may take longer than IPv4 ones (RFC 8305 section 3). */
const secondFamilyMs = 50
/** How long a failed renewal is not tried again. */
const retryDelayMs = 5_000
const loopback: readonly string[] = ['127.0.0.1', '::1']
const hostnameForm = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*\.?$/

/**
 * A resolver of its own: it asks the given servers and never reads the hosts file, which may point a store's name at this
 * very proxy. An answer older than `refreshMs` is renewed behind the scenes, one older than twice that before it is used;
 * if renewal fails the old answer stays. Concurrent look-ups of a name are one.
 */
export function createResolver(options: ResolverOptions): Resolver {
  const { servers, refreshMs = 60_000, timeoutMs = 8_000, maxNames = 10_000, clock = systemClock } = options
  const lookup = options.lookup ?? createDnsLookup(servers)
  const entries = new Map<string, Entry>()
  const pending = new Map<string, Promise<readonly string[]>>()

  const remember = (name: string, entry: Entry): void => {
    entries.delete(name)
    entries.set(name, entry)
    const oldest = entries.keys().next()
    if (entries.size > maxNames && !oldest.done) entries.delete(oldest.value)
  }

  const query = async (name: string): Promise<readonly string[]> => {
    try {
      const addresses = await ask(lookup, name, timeoutMs, clock)
      remember(name, { addresses, checkedAt: clock.monotonic(), freshMs: refreshMs })
      return addresses
    } catch (error) {
      const old = entries.get(name)
      if (old === undefined) throw unresolved(error)
      remember(name, { addresses: old.addresses, checkedAt: clock.monotonic(), freshMs: retryDelayMs })
      return old.addresses
    } finally {
      pending.delete(name)
    }
  }

  const renew = (name: string): Promise<readonly string[]> => {
    let promise = pending.get(name)
    if (promise === undefined) {
      promise = query(name)
      pending.set(name, promise)
    }
    return promise
  }

  return {
    resolve(hostname) {
      if (isIP(hostname) !== 0) return [hostname]
      const name = hostname.toLowerCase()
      if (name === 'localhost' || name.endsWith('.localhost')) return loopback
      if (!hostnameForm.test(name)) throw unresolved(new Error('not a host name'))
      const entry = entries.get(name)
      if (entry === undefined) return renew(name)
      const ageMs = clock.monotonic() - entry.checkedAt
      if (ageMs < entry.freshMs) return entry.addresses
      const renewed = renew(name)
      return ageMs < 2 * refreshMs ? entry.addresses : renewed
    },
  }
}

/** Both families at once, IPv4 first; once there is an IPv4 address, IPv6 is waited for but briefly. */
async function ask(lookup: DnsLookup, name: string, timeoutMs: number, clock: Clock): Promise<readonly string[]> {
  const query6 = within(timeoutMs, clock, lookup.resolve6(name)).then((answers) => clean(answers, isIPv6))
  const v6 = query6.catch((): string[] => [])
  const v4 = await within(timeoutMs, clock, lookup.resolve4(name)).then(
    (answers) => ({ kind: 'answered', addresses: clean(answers, isIPv4) }) as const,
    (error: unknown) => ({ kind: 'failed', error }) as const,
  )
  if (v4.kind === 'answered' && v4.addresses.length > 0) {
    const late = within(secondFamilyMs, clock, v6).catch((): string[] => [])
    return [...v4.addresses, ...(await late)]
  }
  const addresses = await v6
  if (addresses.length > 0) return addresses
  throw v4.kind === 'failed' ? v4.error : new Error('the answer has no address')
}

function clean(answers: readonly string[], isValid: (address: string) => boolean): string[] {
  return [...new Set(answers.slice(0, maxAddresses).filter(isValid))]
}

function within<T>(timeoutMs: number, clock: Clock, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(new Error('the look-up took too long')), timeoutMs)
    promise.then(resolve, reject).finally(() => clock.clearTimeout(timer))
  })
}

function unresolved(cause: unknown): ProxyError {
  return new ProxyError('ServiceUnavailable', { source: 'upstream', retryable: true, reason: 'dns-failed', cause })
}
