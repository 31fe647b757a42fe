import type { Socket } from 'node:net'
import type { ProxyError } from '@s3proxy/protocol'
import type { Gateway } from '../../gateway.ts'
import type { Outbox } from './outbox.ts'
import type { HeadLimits } from './parse-head.ts'
import type { ReadyHeads } from './ready-heads.ts'

/** What the connections of one lane share. */
export interface LaneContext extends HeadLimits {
  readonly gateway: Gateway
  /** Milliseconds since the epoch when the turn of the event loop began. */
  readonly now: () => number
  readonly random: () => number
  readonly outbox: Outbox
  readonly readyHeads: ReadyHeads
  readonly keepAliveSeconds: number
  /** `ms` since the epoch as an HTTP date. */
  readonly dateOf: (ms: number) => string
  /** Whether every answer is the last of its connection. */
  readonly isDraining: () => boolean
  /** Answers a request that never came, and closes. */
  readonly refuse: (socket: Socket, error: ProxyError) => void
}
