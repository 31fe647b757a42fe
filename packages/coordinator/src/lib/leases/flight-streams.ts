import type { ByteRange, ByteSource } from '@s3proxy/protocol'

/** How the bytes of fills get from the process that leads to those that follow. */
export interface FlightStreams {
  /** Where others find this process. */
  readonly place: string
  /** Lets others join, until the returned function is called. */
  offer(flight: string, join: (range: ByteRange) => ByteSource | undefined): () => void
  /** Joins a fill of another process; rejects if its bytes cannot be had. */
  open(place: string, flight: string, range: ByteRange): Promise<ByteSource>
}
