import { type MemoryBudget, unlimitedBudget } from '@s3proxy/protocol'
import type { Origin } from './client.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Resolver } from './resolver.ts'

/** What the TLS of one store may differ in. */
export interface StoreTransport {
  /** Whether the certificate must be valid for the origin's host name. Default true. */
  readonly validateTls?: boolean | undefined
}

/** What {@link createUpstream} can be told. Every member has a default that suits Amazon S3. */
export interface UpstreamOptions {
  /** Longest time for one TCP and TLS handshake, in milliseconds. Default 10 s. */
  readonly connectTimeoutMs?: number | undefined
  /** Longest time from the end of the request to the head of the answer, in milliseconds. Default 30 s. */
  readonly firstByteTimeoutMs?: number | undefined
  /**
   * Longest silence of the store inside a body, either way, in milliseconds. Counted only while we wait for the store:
   * a slow reader, or a slow sender of an upload, uses none of it. Default 30 s.
   */
  readonly idleTimeoutMs?: number | undefined
  /**
   * How long a body under `Expect: 100-continue` is held back for a store that answers nothing, in milliseconds: stores
   * that do not know the expectation wait for the body in silence (RFC 9110 section 10.1.1 forbids waiting for ever).
   * Default 5 s.
   */
  readonly continueTimeoutMs?: number | undefined
  /**
   * How long an idle connection is kept for requests without a body, in milliseconds. They are repeated when the store
   * has closed the connection meanwhile, so this may be near the store's own limit. Default 30 s.
   */
  readonly keepAliveMs?: number | undefined
  /**
   * The same for uploads, whose bodies cannot be repeated: short, so that a connection which the store is about to close
   * is not used. Default 4 s.
   */
  readonly uploadKeepAliveMs?: number | undefined
  /** Connections to one address of one store, for uploads and for other requests each. More requests wait. Default 256. */
  readonly maxConnectionsPerAddress?: number | undefined
  /** Pools (store host, address) kept; beyond it the least recently used idle one is closed. Default 1,024. */
  readonly maxPools?: number | undefined
  /** Largest head of an answer, in bytes. Default 64 KiB: S3 allows 2 KiB of metadata, some stores far more. */
  readonly maxResponseHeadBytes?: number | undefined
  /** Bytes of an answer held for a reader that is slow; then reading from the store pauses. Default 256 KiB. */
  readonly maxBufferedBytes?: number | undefined
  /** Which what is held of answers is charged to; when it says that memory is short, less is held. Default: one without an end. */
  readonly budget?: MemoryBudget | undefined
  /** Name servers, `ip` or `ip:port`. Default: the public ones of Google and Cloudflare. */
  readonly dnsServers?: readonly string[] | undefined
  /** How long an address is used before its name is looked up again, in milliseconds. Default 60 s. */
  readonly dnsRefreshMs?: number | undefined
  /**
   * Where to connect instead of resolving: host, `host:port` or `*.suffix` to a list of `ip`, `ip:port`, `[ipv6]:port`
   * or host name, used in turn. The longest match wins. Host header, TLS name and verification stay the origin's.
   */
  readonly endpointOverrides?: Readonly<Record<string, readonly string[]>> | undefined
  /** Settings of stores by authority (`host` or `host:port`); names beneath the host (`<bucket>.host`) share them. */
  readonly stores?: Readonly<Record<string, StoreTransport>> | undefined
  /** Certificates trusted besides those of Node and of the system, as PEM texts. */
  readonly ca?: readonly string[] | undefined
  /**
   * Whether an address that a name resolved to, or an IP literal in a request, may be connected to. Endpoint overrides
   * are not asked about: the operator chose them. Default: every address.
   */
  readonly admitAddress?: ((address: string, origin: Origin) => boolean) | undefined
  /** Default: {@link createResolver} with `dnsServers` and `dnsRefreshMs`. */
  readonly resolver?: Resolver | undefined
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
}

/** {@link UpstreamOptions} with every default filled in. */
export type ResolvedUpstreamOptions = {
  readonly [K in Exclude<keyof UpstreamOptions, 'resolver'>]-?: Exclude<UpstreamOptions[K], undefined>
}

const minuteMs = 60_000
/** Longest time that any setting may have: Node's timers hold no more. */
const maxMs = 2 ** 31 - 1

/** Checks `options` once and fills in the defaults. Throws RangeError for a number out of its range. */
export function resolveUpstreamOptions(options: UpstreamOptions = {}): ResolvedUpstreamOptions {
  return Object.freeze({
    connectTimeoutMs: integer('connectTimeoutMs', options.connectTimeoutMs ?? 10_000, 1, maxMs),
    firstByteTimeoutMs: integer('firstByteTimeoutMs', options.firstByteTimeoutMs ?? 30_000, 1, maxMs),
    idleTimeoutMs: integer('idleTimeoutMs', options.idleTimeoutMs ?? 30_000, 1, maxMs),
    continueTimeoutMs: integer('continueTimeoutMs', options.continueTimeoutMs ?? 5_000, 1, maxMs),
    keepAliveMs: integer('keepAliveMs', options.keepAliveMs ?? 30_000, 1, maxMs),
    uploadKeepAliveMs: integer('uploadKeepAliveMs', options.uploadKeepAliveMs ?? 4_000, 1, maxMs),
    maxConnectionsPerAddress: integer('maxConnectionsPerAddress', options.maxConnectionsPerAddress ?? 256, 1, 65_536),
    maxPools: integer('maxPools', options.maxPools ?? 1024, 1, 65_536),
    maxResponseHeadBytes: integer('maxResponseHeadBytes', options.maxResponseHeadBytes ?? 65_536, 1024, 1_048_576),
    maxBufferedBytes: integer('maxBufferedBytes', options.maxBufferedBytes ?? 262_144, 1, 2 ** 30),
    budget: options.budget ?? unlimitedBudget,
    dnsServers: options.dnsServers ?? ['8.8.8.8', '8.8.4.4', '1.1.1.1', '1.0.0.1'],
    dnsRefreshMs: integer('dnsRefreshMs', options.dnsRefreshMs ?? minuteMs, 1, maxMs),
    endpointOverrides: options.endpointOverrides ?? {},
    stores: options.stores ?? {},
    ca: options.ca ?? [],
    admitAddress: options.admitAddress ?? (() => true),
    clock: options.clock ?? systemClock,
  })
}

function integer(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new RangeError(`${name} must be a whole number from ${min} to ${max}, not ${value}`)
}
