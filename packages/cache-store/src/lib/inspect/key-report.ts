import type { ByteRange } from '@s3proxy/protocol'
import type { Representation } from '../cache-store.ts'

/** One extent of an entry. */
export interface ExtentReport extends ByteRange {
  /** The file's name in the key's directory; undefined: the bytes are in the record. */
  readonly name: string | undefined
  /** The length of the file if it is compressed. */
  readonly packedBytes: number | undefined
  /** Bytes of the file, its checksums included; of an embedded body, its own. */
  readonly fileBytes: number
}

/** What a key's directory holds. */
export type KeyReport =
  | {
      readonly kind: 'entry'
      readonly keyHash: string
      readonly representation: Representation
      /** Milliseconds since the epoch; 0: not known. */
      readonly validatedAt: number
      /** Last use as far as it is on disk, in steps of five minutes; of what is used often the time of the report. */
      readonly usedAt: number
      readonly extents: readonly ExtentReport[]
      /** Bytes of the object that are held, each counted once. */
      readonly heldBytes: number
      /** Files that belong to no state of the key; removed in time by a running proxy. */
      readonly leftovers: number
      /** What all of it is charged for. */
      readonly diskBytes: number
    }
  /** Files that cannot be an entry: a miss for every reader. */
  | {
      readonly kind: 'unreadable'
      readonly keyHash: string
      /** `no-record`: extents alone, as a crash leaves them; `corrupt`: the record cannot be read. */
      readonly reason: 'no-record' | 'corrupt'
      readonly message: string
      readonly diskBytes: number
    }

/** What of a key does not hold its own checksums. */
export interface Damage {
  /** The extent's file; undefined: the record. */
  readonly name: string | undefined
  readonly message: string
}
