import { directoryCharge, extentCharge, fileCharge } from './charge.ts'
import type { DiskEntry } from './disk-extent.ts'

/** What its charge follows from. */
export type ChargedEntry = Pick<DiskEntry, 'representation' | 'recordBytes' | 'extents'>

/** What a key takes: its directory, its record and the files of its extents. */
export function chargeOfEntry({ representation, recordBytes, extents }: ChargedEntry): number {
  let bytes = directoryCharge + fileCharge(recordBytes)
  for (const extent of extents) if (extent.name !== undefined) bytes += extentCharge(representation, extent)
  return bytes
}
