import type { ByteRange } from '@s3proxy/protocol'

/** Bytes that a process is about to ask the store for. */
export interface Wanted {
  /** Canonical names, as in the cache key. */
  readonly bucket: string
  readonly key: string
  /** Undefined: not known yet which. */
  readonly ranges: readonly (ByteRange | undefined)[]
  /** Fills of others that it knows of already. */
  readonly known: readonly string[]
}

/** A fill under way, as other processes hear of it. Plain data. */
export interface FlightNotice<R> {
  /** Unique among all fills of all processes. */
  readonly flight: string
  readonly representation: R
  readonly range: ByteRange
  /** See `Flight`. */
  readonly askedAt: number
  /** Where its bytes can be had; see `FlightStreams`. */
  readonly place: string
}

/** Whose turn it is. */
export type Turn<R> =
  /** Nobody else fetches it. `landed`: how many fills of the key others have landed so far; undefined if nobody can say. */
  | { readonly kind: 'lead'; readonly landed: number | undefined }
  /** Others fetch some of it. */
  | { readonly kind: 'follow'; readonly flights: readonly FlightNotice<R>[] }

/** The right to fetch. A hint: who holds none may fetch all the same. */
export interface Lease<R, T> {
  /** Resolves with what `act` returned; a leader's silence is waited out, the registry's is not. Never rejects. */
  readonly turn: Promise<T>
  /** The answer is a fill that others may follow. */
  led(notice: FlightNotice<R>): void
  /** No more fills come of it. */
  release(): void
}

/** Who fetches what, among processes that share a cache. */
export interface Leases<R> {
  /** `act` is called once, when it is decided whose turn it is, before anything is heard of what happens later. */
  claim<T>(wanted: Wanted, act: (turn: Turn<R>) => T): Lease<R, T>
  /**
   * A fill of this process has ended; what is stored of it is stored. Resolves when no other process reads it any more.
   * Never rejects.
   */
  landed(flight: string): Promise<void>
  /**
   * Calls `listener` for each fill of another process that has ended, of those that `turn` told of; `left` has to be
   * called when nobody here reads it any more.
   */
  onLanded(listener: (flight: string, left: () => void) => void): void
}
