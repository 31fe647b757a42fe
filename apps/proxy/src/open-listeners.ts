import type { Server } from 'node:http'
import { type Listening, listen } from '@s3proxy/gateway'

/** A server that is to listen. */
export interface ListenerPlan {
  /** For people: `http`, `health`, `metrics`. */
  readonly name: string
  readonly address: { readonly port: number; readonly bind: string }
  readonly server: Server
}

/** All of them, in order, or the first that cannot. */
export type OpenedListeners =
  | { readonly kind: 'opened'; readonly listeners: ReadonlyMap<string, Listening> }
  | { readonly kind: 'failed'; readonly message: string }

/** Opens the listeners in order; if one fails, those opened before are closed again. */
export async function openListeners(plans: readonly ListenerPlan[]): Promise<OpenedListeners> {
  const listeners = new Map<string, Listening>()
  for (const { name, address, server } of plans) {
    const result = await listen(server, address)
    if (result.kind === 'failed') {
      for (const listening of listeners.values()) await listening.drain(0)
      return { kind: 'failed', message: `${name} listener: ${result.message}` }
    }
    listeners.set(name, result)
  }
  return { kind: 'opened', listeners }
}
