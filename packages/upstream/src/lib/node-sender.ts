import type { Agent } from 'node:http'
import { ProxyError } from '@s3proxy/protocol'
import type { Dial } from './dial.ts'
import { createDialAgent, keepNothing } from './dial-agent.ts'
import { abortedError } from './node-error.ts'
import { exchange } from './node-exchange.ts'
import type { Attempt, Sender, SenderOptions } from './sender.ts'
import { createSlots } from './slots.ts'

/** Sends requests that have a body or expect `100 Continue`, through node:http, which relays 1xx answers. */
export function createNodeSender(options: SenderOptions): Sender {
  const { settings, dial, clock } = options
  const { maxConnectionsPerAddress, uploadKeepAliveMs, connectTimeoutMs, firstByteTimeoutMs } = settings
  const agent = createDialAgent(dial, { maxFreeSockets: maxConnectionsPerAddress, timeout: uploadKeepAliveMs })
  const slots = createSlots(maxConnectionsPerAddress, clock)
  let active = 0
  let onIdle: (() => void) | undefined
  const leave = (): void => {
    active--
    if (active === 0) onIdle?.()
  }
  return {
    async send(request, facts, choice) {
      active++
      const waitMs = connectTimeoutMs + (request.timeouts?.firstByteMs ?? firstByteTimeoutMs)
      const grant = await slots.acquire(request.signal, waitMs)
      if (grant.kind === 'failed') {
        leave()
        return grant
      }
      const release = (): void => {
        slots.release()
        leave()
      }
      if (request.signal.aborted) {
        release()
        return { kind: 'failed', error: abortedError(request.signal) }
      }
      return new Promise<Attempt>((resolve) => {
        const chosen = choice === 'pooled' ? agent : oneOffAgent(dial)
        try {
          exchange({ ...options, request, facts, agent: chosen, settle: resolve, release })
        } catch (cause) {
          // node:http refuses more than inspectHead does; nothing has been sent
          release()
          resolve({ kind: 'failed', error: new ProxyError('InvalidRequest', { source: 'client', cause }) })
        }
      })
    },
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
