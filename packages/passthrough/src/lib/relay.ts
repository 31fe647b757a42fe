import type { Socket } from 'node:net'
import type { ErrorCode, ProxyError } from '@s3proxy/protocol'
import { type Clock, systemClock } from './clock.ts'
import type { Dial } from './dial.ts'
import type { TunnelEnd } from './tunnel.ts'

/** Whether a tunnel to a host and port may be made. */
export type Admission = { readonly kind: 'allow' } | { readonly kind: 'refuse'; readonly reason: string }

/** What became of one connection that was to be tunnelled. */
export type TunnelReport =
  | { readonly kind: 'tunnelled'; readonly host: string; readonly port: number; readonly end: TunnelEnd }
  /** No tunnel was made. `host` is undefined if the client named none that could be read. */
  | {
      readonly kind: 'refused'
      readonly host: string | undefined
      readonly port: number
      readonly code: ErrorCode
      readonly reason: string
    }

/** What every kind of tunnel can be told. */
export interface RelayOptions {
  /** Opens the connection to the destination; where addresses are checked. */
  readonly dial: Dial
  /** Whether the host, as the client named it, may be tunnelled to. Default: every host. */
  readonly admit?: ((host: string, port: number) => Admission) | undefined
  /** Longest time without a byte in either direction, in milliseconds. Default 15 minutes. */
  readonly idleTimeoutMs?: number | undefined
  /** Breaks every tunnel when it fires. Default: never. */
  readonly signal?: AbortSignal | undefined
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
}

/** {@link RelayOptions} with every default filled in. */
export interface ResolvedRelayOptions {
  readonly dial: Dial
  readonly admit: (host: string, port: number) => Admission
  readonly idleTimeoutMs: number
  readonly signal: AbortSignal
  readonly clock: Clock
}

/** Long enough for the pauses of a client that keeps connections alive, and no leak. */
const defaultIdleTimeoutMs = 15 * 60_000

/** Checks `options` and fills in the defaults. Throws RangeError for a number out of its range. */
export function resolveRelayOptions(options: RelayOptions): ResolvedRelayOptions {
  return {
    dial: options.dial,
    admit: options.admit ?? (() => ({ kind: 'allow' })),
    idleTimeoutMs: timeout('idleTimeoutMs', options.idleTimeoutMs ?? defaultIdleTimeoutMs),
    signal: options.signal ?? new AbortController().signal,
    clock: options.clock ?? systemClock,
  }
}

/** A time limit in milliseconds that a timer can keep. Throws RangeError otherwise. */
export function timeout(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value < 2 ** 31) return value
  throw new RangeError(`${name} must be a whole number of milliseconds from 1 to 2147483647, not ${value}`)
}

/** The report of a connection that could not be made. */
export function refusal(host: string | undefined, port: number, error: ProxyError): TunnelReport {
  return { kind: 'refused', host, port, code: error.code, reason: error.reason }
}

/** Sends `bytes` to a client that gets nothing more, and closes. */
export function dismiss(client: Socket, bytes: string | Uint8Array): void {
  client.on('error', () => client.destroy())
  client.end(bytes, () => client.destroySoon())
}
