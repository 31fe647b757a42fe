import type { FromHub, ToHub } from '@s3proxy/coordinator'
import type { ProcessNumbers } from '@s3proxy/metrics'
import type { Config } from '../config/config.ts'

/** From the supervisor to a worker. All plain data; a listening socket travels beside `listen`. */
export type ToWorker =
  /** The first message: what to be. `config` holds this worker's share of what is for the whole machine; `place`: the Unix socket where it is to be found. */
  | { readonly kind: 'start'; readonly worker: string; readonly config: Config; readonly place: string }
  /** Serve on the socket that comes along, which the supervisor calls `socket`. */
  | { readonly kind: 'listen'; readonly socket: number }
  /** Accept no more on that socket. */
  | { readonly kind: 'unlisten'; readonly socket: number }
  | { readonly kind: 'replace-policies'; readonly config: Config }
  | { readonly kind: 'collect'; readonly request: number }
  /** Drain and end. `graceMs`: how long idle connections may bring one more request. */
  | { readonly kind: 'stop'; readonly graceMs: number }
  | { readonly kind: 'hub'; readonly message: FromHub }

/** From a worker to the supervisor. */
export type FromWorker =
  /** It has read nothing of the cache yet, and will not before `listen`. */
  | { readonly kind: 'composed' }
  | { readonly kind: 'listening'; readonly socket: number }
  /** It cannot start or listen, and ends. `message`: why, in a line for people. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'collected'; readonly request: number; readonly numbers: ProcessNumbers }
  /** Everything is drained; its last numbers. */
  | { readonly kind: 'stopped'; readonly numbers: ProcessNumbers }
  | { readonly kind: 'hub'; readonly message: ToHub }
