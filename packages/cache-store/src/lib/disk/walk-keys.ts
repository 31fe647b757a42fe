import { type FileSystem, isMissing } from './file-system.ts'
import { isKeyHash, isShardName, type Layout } from './layout.ts'

/** What a walk needs. */
export interface WalkOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  /** Key hashes up to this one are left out. Default: none. */
  readonly after?: string
}

/**
 * Every key's directory, by name, in the order of the names, so that a walk can go on where another stopped. What comes
 * and goes meanwhile may be seen or not. Memory: the names of one second-level directory. Rejects if the file system fails.
 */
export async function* walkKeys({ fs, layout, after = '' }: WalkOptions): AsyncGenerator<string> {
  const names = async (path: string, accept: (name: string) => boolean): Promise<string[]> => {
    try {
      return (await fs.list(path)).filter(accept).sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }
  for (const shard of await names(layout.root, isShardName)) {
    if (shard < after.slice(0, 2)) continue
    for (const bucket of await names(layout.shard(shard), isShardName)) {
      if (shard + bucket < after.slice(0, 4)) continue
      for (const keyHash of await names(layout.bucket(shard, bucket), isKeyHash)) {
        if (keyHash > after) yield keyHash
      }
    }
  }
}

/** How far a walk has come with `keyHash`, 0 to 1: hashes are spread evenly. */
export function walkedShare(keyHash: string): number {
  return Number.parseInt(keyHash.slice(0, 8), 16) / 2 ** 32
}
