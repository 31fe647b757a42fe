import type { Outcome } from './front.ts'
import type { History } from './history.ts'
import type { Ledger, Track } from './ledger.ts'
import type { ModelRequest } from './requests.ts'

/** What is known of a request when it has ended. */
export interface Judged {
  readonly request: ModelRequest
  readonly outcome: Outcome
  readonly track: Track
  readonly startTick: number
  readonly endTick: number
  /** On the proxy's clock. */
  readonly startMs: number
  /** The oldest entries that may be seen, by key, when the request began. */
  readonly floor: (key: number) => number
  /** Versions whose deletion had been answered then. */
  readonly gone: ReadonlySet<number>
}

/** What the proxy promised in this episode. */
export interface Promises {
  readonly history: History
  readonly ledger: Ledger
  readonly mode: 's3' | 'network'
  readonly getTtlMs: number
  readonly headTtlMs: number
  readonly honourCacheControl: boolean
  readonly presignedMemoMs: number
  readonly negativeTtlMs: number
  readonly staleIfErrorMs: number
  readonly staleWhileRevalidateMs: number
  /** The cache itself may break answers in their midst. */
  readonly cacheBreaks: boolean
  /** A store that sends more than it announced breaks other exchanges on the same connection. */
  readonly anyTroubleExcuses: boolean
}

/** Whether something went wrong with the key that may have reached this request. */
export function excused({ endTick }: Judged, { ledger, anyTroubleExcuses }: Promises, key: number): boolean {
  return anyTroubleExcuses || ledger.troubles(key).some(({ fromTick }) => fromTick <= endTick)
}
