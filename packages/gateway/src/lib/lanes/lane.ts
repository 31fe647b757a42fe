import type { Server } from 'node:net'

/** Something that answers the connections a server accepts. */
export interface Lane {
  /** Accepts; not yet listening. Close it only by way of a listener: see `listen`. */
  readonly server: Server
  /**
   * From now on each answer is the last of its connection; connections that had one and wait for nothing close, those that
   * still do so after `graceMs`, milliseconds: a client that asks again at once is told by an answer, not by a reset.
   */
  drain(graceMs: number): void
  /** Breaks every connection. */
  cut(): void
}
