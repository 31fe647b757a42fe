import { Agent, type AgentOptions } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dial } from './dial.ts'

/** An agent that keeps connections alive and makes them by `dial`, so that node:http never resolves or connects itself. */
export function createDialAgent(dial: Dial, options: Pick<AgentOptions, 'maxFreeSockets' | 'timeout'>): Agent {
  return new DialAgent(dial, options)
}

/** Closes the idle connections of `agent` now, and those in use when they become free. */
export function keepNothing(agent: Agent): void {
  agent.maxFreeSockets = 0
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy()
  }
}

class DialAgent extends Agent {
  readonly #dial: Dial

  constructor(dial: Dial, options: AgentOptions) {
    super({ ...options, keepAlive: true })
    this.#dial = dial
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | null | undefined {
    // Node takes the error alone, though its type asks for a socket too.
    const done = callback as ((error: Error | null, socket?: Duplex) => void) | undefined
    this.#dial((result) => {
      if (result.kind === 'failed') {
        done?.(result.error)
        return
      }
      // Node writes a head that has to go ahead of its body in the socket's default encoding, which is UTF-8.
      result.socket.setDefaultEncoding('latin1')
      done?.(null, result.socket)
    })
    return undefined
  }
}
