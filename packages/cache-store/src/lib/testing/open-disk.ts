import type { CacheStore } from '../cache-store.ts'
import { type DiskTierOptions, openDiskTier } from '../disk/disk-tier.ts'

/** A disk tier that must open, with 32 MiB unless told otherwise, on a machine that has always been on. */
export async function openDisk(
  options: Partial<DiskTierOptions> & { readonly directory: string },
): Promise<CacheStore> {
  const opening = await openDiskTier({ maxBytes: 32 * 1024 * 1024, bootedAt: () => 0, ...options })
  if (opening.kind === 'refused') throw new Error(opening.message)
  return opening.store
}
