import type { FileSystem } from './file-system.ts'
import { isKeyHash, isShardName, type Layout } from './layout.ts'
import { createListNames } from './list-names.ts'

export interface KeySamplerOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number
  readonly onError: (error: unknown) => void
}

/** Shows `visit` random keys until it has taken `wanted` of them, or a fair number of directories has been looked at. */
export type KeySampler = (wanted: number, visit: (keyHash: string) => Promise<boolean>) => Promise<void>

/** Random directories tried for one sample: small caches leave most of them without anything. */
const maxTries = 32

/** Keys taken from one directory. */
const keysPerBucket = 8

export function createKeySampler({ fs, layout, random, onError }: KeySamplerOptions): KeySampler {
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)]
  const names = createListNames(fs, onError)
  return async (wanted, visit) => {
    const shards = await names(layout.root, isShardName)
    let taken = 0
    for (let tries = 0; tries < maxTries && taken < wanted; tries++) {
      const shard = pick(shards)
      if (shard === undefined) break
      const bucket = pick(await names(layout.shard(shard), isShardName))
      if (bucket === undefined) continue
      const keys = await names(layout.bucket(shard, bucket), isKeyHash)
      const first = Math.floor(random() * keys.length)
      const some = [...keys.slice(first), ...keys.slice(0, first)].slice(0, keysPerBucket)
      for (const keyHash of some) if (await visit(keyHash)) taken++
    }
  }
}
