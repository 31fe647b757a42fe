import type { UpstreamClient } from '@s3proxy/upstream'
import { createUpstream } from '@s3proxy/upstream'
import { createDirectFront, type DirectFrontOptions } from './direct-front.ts'
import { createDirectUpstream } from './direct-upstream.ts'
import type { Front } from './front.ts'
import { host } from './requests.ts'
import { startSocketFront } from './socket-front.ts'
import { startSocketOrigin } from './socket-origin.ts'
import type { StoreModel } from './store-model.ts'

/** What connects clients, gateway and store in an episode. */
export interface Wires {
  readonly upstream: UpstreamClient
  /** Whether what goes wrong with one request may reach another over a kept connection. */
  readonly sharesConnections: boolean
  /** How long nothing may happen before nothing ever will. */
  readonly patienceMs: number
  front(options: DirectFrontOptions): Front | Promise<Front>
  /** Closes all and answers with what was left behind. */
  close(): Promise<readonly string[]>
}

/** Lays wires to a store. `complain` is told of breaches of contracts. */
export type OpenWires = (store: StoreModel, complain: (text: string) => void) => Wires | Promise<Wires>

/** No network: everything happens in turns of the event loop, in an order that the seed alone decides. */
export const directWires: OpenWires = (store, complain) => {
  const upstream = createDirectUpstream(store, complain)
  return {
    upstream,
    sharesConnections: false,
    patienceMs: 0,
    front: createDirectFront,
    close: async () =>
      upstream.openBodies === 0 ? [] : [`${upstream.openBodies} bodies of the store neither read nor cancelled`],
  }
}

/** The real lane, the real upstream client and HTTP over the loopback. */
export const socketWires: OpenWires = async (store) => {
  const origin = await startSocketOrigin(store)
  const upstream = createUpstream({ endpointOverrides: { [host]: [`127.0.0.1:${origin.port}`] } })
  return {
    upstream,
    sharesConnections: true,
    patienceMs: 10_000,
    front: startSocketFront,
    async close() {
      await upstream.close()
      await origin.close()
      return []
    },
  }
}
