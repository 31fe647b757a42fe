import type { Eviction } from './eviction.ts'
import { createLru } from './lru.ts'
import { createS3Fifo } from './s3-fifo.ts'
import { createTinyLfu } from './tiny-lfu.ts'

/** The eviction policies by name. */
export type EvictionPolicy = 's3-fifo' | 'tinylfu' | 'lru'

/** The policy of that name, with its defaults. */
export function createEviction<T>(policy: EvictionPolicy): Eviction<T> {
  switch (policy) {
    case 's3-fifo':
      return createS3Fifo()
    case 'tinylfu':
      return createTinyLfu()
    case 'lru':
      return createLru()
    default:
      return policy satisfies never
  }
}
