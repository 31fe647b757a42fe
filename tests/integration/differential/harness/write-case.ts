import type { Credentials, HttpAnswer } from '@s3proxy/testkit'
import type { Probe } from './probe.ts'
import type { Mode } from './proxy.ts'

/** One side of a write: the store itself, or a proxy in front of it. Each works on keys of its own. */
export interface Side {
  readonly credentials: Credentials
  /** The path of a key of this side, percent-encoded as `key` is. The bucket is the case's. */
  path(key: string): string
  /** The name of a bucket of this side's own, not made yet. */
  readonly ownBucket: string
  /** Sends a probe and keeps the answer, to be compared with the other side's. Gives the answer. */
  send(probe: Probe): Promise<HttpAnswer>
}

/** A write, sent to the store and through the proxies, and what is read before and after it. */
export interface WriteCase {
  /** Unique among all cases. */
  readonly name: string
  /** Default `writes`; must exist. */
  readonly bucket?: string
  /** Makes what is there before, straight in the store. Default: `key`, 1,000 bytes. */
  readonly prepare?: (side: Side) => Promise<void>
  readonly write: (side: Side) => Promise<void>
  /** Default: `s3` and `network`. */
  readonly modes?: readonly Mode[]
  /** Keys that are read before, so that they are cached, and after. Default `key`. */
  readonly keys?: readonly string[]
  /** What else to read, before and after. Default: nothing. */
  readonly reads?: (side: Side) => readonly Probe[]
}
