import { Client, Pool } from 'undici'
import type { Sender, SenderOptions } from './sender.ts'
import { createExchange } from './undici-exchange.ts'
import { createVerbatimConnector, type Outbox } from './verbatim-connector.ts'

/** Sends requests that have no body, through undici: little work per request, and many connections. */
export function createUndiciSender(options: SenderOptions): Sender {
  const { endpoint, settings } = options
  const outbox: Outbox = { next: undefined }
  const host = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address
  const url = `http://${host}:${endpoint.port}`
  const clientOptions: Client.Options = {
    connect: createVerbatimConnector(options.dial, outbox),
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: settings.keepAliveMs,
    keepAliveMaxTimeout: settings.keepAliveMs,
    maxHeaderSize: settings.maxResponseHeadBytes,
    // both are kept by the exchange, on the injected clock
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  const pool = new Pool(url, { ...clientOptions, connections: settings.maxConnectionsPerAddress })
  let active = 0
  const release = (): void => {
    active--
  }
  return {
    send: (request, _facts, choice) =>
      new Promise((resolve) => {
        active++
        const exchange = createExchange(request, options, outbox, resolve, release)
        const dispatcher = choice === 'pooled' ? pool : new Client(url, clientOptions)
        // an empty path and no headers: all that is sent is in the outbox
        dispatcher.dispatch({ path: '/', method: request.method, headers: [], reset: false }, exchange)
        if (dispatcher !== pool) void dispatcher.close()
      }),
    get active() {
      return active
    },
    close: () => pool.close(),
  }
}
