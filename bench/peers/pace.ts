/** How to ask for `requestsPerSecond` with clients that wait between their requests. */
export interface Pace {
  readonly connections: number
  readonly thinkMs: number
}

/** Average wait of a connection: long beside the answer, so that the pace does not depend on how quick that is. */
const thinkMs = 20

/** Many connections, each of them slow: an even stream of requests, as many independent clients make it. */
export function paceOf(requestsPerSecond: number): Pace {
  return { connections: Math.max(1, Math.round((requestsPerSecond * thinkMs) / 1000)), thinkMs }
}
