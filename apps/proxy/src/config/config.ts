import type { EvictionPolicy, MinFree } from '@s3proxy/cache-store'
import type { GlobPattern } from '../glob/glob-pattern.ts'

/** A listener of the proxy. */
export interface ListenerConfig {
  /** 0 to 65535; 0 takes a free port. */
  readonly port: number
  /** IP address or host name; `::` is every address, IPv4 included. */
  readonly bind: string
}

/** A listener that answers on one path and can be left out. */
export interface SideListenerConfig extends ListenerConfig {
  readonly enabled: boolean
  /** Absolute path without a query. */
  readonly path: string
}

/** How to reach a store that is not AWS. */
export interface StoreSettings {
  /** `host` or `host:port`, lower case, as clients write it. */
  readonly name: string
  readonly scheme: 'http' | 'https'
  readonly validateTls: boolean
  /** `host` or `host:port` to connect to instead of `name`. */
  readonly endpoint: string | undefined
}

/** How reads of an object are treated; for all objects in `cache`, for some in a rule. All times may be 0: off. */
export interface ReadSettings {
  /** Whether the cache has a part in them at all. */
  readonly cache: boolean
  readonly authorization: AuthorizationMode
  readonly getTtlMs: number
  readonly headTtlMs: number
  readonly staleIfErrorMs: number
  readonly staleWhileRevalidateMs: number
  readonly negativeTtlMs: number
  readonly honourCacheControl: boolean
  /** 0, or a power of two. */
  readonly pageBytes: number
}

/** What differs for the objects that a pattern matches. */
export interface RuleConfig {
  readonly match: GlobPattern
  /** Only what the rule sets. */
  readonly settings: Partial<ReadSettings>
  /** What the rule says about space on disk. */
  readonly space?: SpaceSettings
}

/** What a rule says about space on disk. */
export interface SpaceSettings {
  /** Whether its objects stay when room is made. */
  readonly pin?: boolean
  /** Bytes its objects may take together. */
  readonly quotaBytes?: number
}

/** Who may read a hit. */
export type AuthorizationMode = 's3' | 'network'

/** Which checksums of S3 are compared with the bytes it sends. */
export type FillVerification = 'all' | 'cheap' | 'off'

/** Which requests the access log holds. */
export type AccessLogMode = 'all' | 'cached_only'

/** Least severe level that is logged. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/**
 * The whole configuration after every layer, complete and checked. Units are in the names; paths are absolute;
 * what the YAML calls `null` is undefined. Each field is documented in `config/config.example.yaml`.
 */
export interface Config {
  readonly server: {
    readonly http: ListenerConfig
    /** Processes that serve; at least 1. */
    readonly workers: number
    readonly maxConcurrentRequests: number
    /** In-flight buffers of the process. */
    readonly memoryBudgetBytes: number
    readonly headTimeoutMs: number
    readonly idleTimeoutMs: number
    readonly drainTimeoutMs: number
    /** 0: never. */
    readonly configPollMs: number
  }
  readonly cache: Omit<ReadSettings, 'cache'> & {
    readonly directory: string
    readonly verifyFills: FillVerification
    /** Verification of the disk tier in the background; 0 bytes: none. */
    readonly scrub: { readonly bytesPerSecond: number; readonly intervalMs: number }
    /** Disk tier; 0 means none. */
    readonly maxBytes: number
    /** What stays free of the volume of `directory`. */
    readonly minFree: MinFree
    /** RAM tier; 0 means none. */
    readonly memoryBytes: number
    /** Who leaves the RAM tier first. */
    readonly eviction: EvictionPolicy
    /** Of extents on disk. */
    readonly compression: 'off' | 'zstd'
    /** How long an accepted presigned URL counts as accepted; 0 means S3 is asked each time. */
    readonly presignedMemoMs: number
  }
  /** In order: for each setting the first rule counts that matches and sets it, else `cache`. */
  readonly rules: readonly RuleConfig[]
  readonly upstream: {
    /** `servers`: IP addresses, each with an optional port; at least one. */
    readonly dns: { readonly servers: readonly string[]; readonly refreshMs: number }
    /**
     * Host, `host:port`, `*.suffix` or `*.suffix:port`, lower case, to hosts or IP addresses, each with an optional port.
     */
    readonly endpointOverrides: Readonly<Record<string, readonly string[]>>
    readonly stores: readonly StoreSettings[]
    readonly caFile: string | undefined
    readonly connectTimeoutMs: number
    readonly firstByteTimeoutMs: number
    readonly idleTimeoutMs: number
  }
  readonly health: SideListenerConfig
  readonly metrics: SideListenerConfig
  readonly logging: {
    readonly level: LogLevel
    /** Undefined: standard error. */
    readonly directory: string | undefined
    /** Age at which application log files are removed. */
    readonly retentionMs: number
    readonly access: {
      /** Undefined: no access log. */
      readonly directory: string | undefined
      readonly mode: AccessLogMode
      readonly rotationMs: number
      readonly retentionMs: number
    }
  }
}
