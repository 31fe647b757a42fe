/** Bytes of a record: time (4), object (8), size (4), next use (8), little-endian. */
const recordBytes = 24

/** Reads libCacheSim's binary format oracleGeneral from chunks of any length. */
export interface OracleGeneralReader {
  /** False once `take` has asked to stop. */
  feed(chunk: Buffer, take: (key: string, size: number) => boolean): boolean
  /** Bytes at the end that are no whole record. */
  readonly leftBytes: number
}

export function createOracleGeneralReader(): OracleGeneralReader {
  let rest: Buffer = Buffer.alloc(0)
  return {
    feed(chunk, take) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = 0
      for (; at + recordBytes <= bytes.length; at += recordBytes) {
        if (!take(bytes.readBigUInt64LE(at + 4).toString(36), bytes.readUInt32LE(at + 12))) return false
      }
      rest = bytes.subarray(at)
      return true
    },
    get leftBytes() {
      return rest.length
    },
  }
}
