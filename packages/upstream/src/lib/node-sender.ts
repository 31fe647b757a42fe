import type { Agent } from 'node:http'
import type { Dial } from './dial.ts'
import { createDialAgent, keepNothing } from './dial-agent.ts'
import { exchange } from './node-exchange.ts'
import type { Sender, SenderOptions } from './sender.ts'

/** Sends requests that have a body or expect `100 Continue`, through node:http, which relays 1xx answers. */
export function createNodeSender(options: SenderOptions): Sender {
  const { settings, dial } = options
  const agent = createDialAgent(dial, {
    maxSockets: settings.maxConnectionsPerAddress,
    timeout: settings.uploadKeepAliveMs,
  })
  let active = 0
  let onIdle: (() => void) | undefined
  const release = (): void => {
    active--
    if (active === 0) onIdle?.()
  }
  return {
    send: (request, facts, choice) =>
      new Promise((resolve) => {
        active++
        exchange({
          ...options,
          request,
          facts,
          agent: choice === 'pooled' ? agent : oneOffAgent(dial),
          settle: resolve,
          release,
        })
      }),
    get active() {
      return active
    },
    async close() {
      keepNothing(agent)
      if (active > 0) await new Promise<void>((resolve) => (onIdle = resolve))
      agent.destroy()
    },
  }
}

/** An agent for one request, whose connection is closed after it. */
function oneOffAgent(dial: Dial): Agent {
  const agent = createDialAgent(dial, {})
  keepNothing(agent)
  return agent
}
