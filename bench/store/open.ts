import { type CacheStore, type DiskTierOptions, openDiskTier } from '@s3proxy/cache-store'

/** Far above what the benchmark writes. */
export const plentyBytes = 2 ** 45

/** Waits that never end: work in the background stays out of what is measured. */
export const noBackground = (): Promise<void> => new Promise(() => undefined)

/** A disk tier with the defaults, apart from `options`, that must open. */
export async function openStore(
  options: Partial<DiskTierOptions> & Pick<DiskTierOptions, 'directory'>,
): Promise<CacheStore> {
  const opening = await openDiskTier({ maxBytes: plentyBytes, ...options })
  if (opening.kind === 'refused') throw new Error(opening.message)
  return opening.store
}
