import { noopObserver } from '@s3proxy/cache-store'
import type { Rate } from '../lib/rate.ts'
import { noBackground, openStore } from './open.ts'

export interface EvictionQuestion {
  readonly kind: 'evictions'
  readonly directory: string
  /** Objects to push out. */
  readonly evictions: number
}

/** What a small object is charged for: its directory and its record. */
const chargedBytes = 8192

/** Opens the store with too little room for what is there, and waits until enough has left. */
export async function measureEvictions({ directory, evictions }: EvictionQuestion): Promise<Rate> {
  const whole = await openStore({ directory, pause: noBackground })
  const { diskBytes } = whole.usage()
  await whole.close()
  const wanted = evictions * chargedBytes
  let evicted = 0
  const { promise: enough, resolve } = Promise.withResolvers<void>()
  const observer = {
    ...noopObserver,
    evicted: (_tier: unknown, bytes: number) => {
      evicted += bytes
      if (evicted >= wanted) resolve()
    },
  }
  const before = process.cpuUsage()
  const begun = performance.now()
  const maxBytes = diskBytes - wanted
  const store = await openStore({ directory, maxBytes, headroomBytes: 0, observer, pause: noBackground })
  await enough
  const { user, system } = process.cpuUsage(before)
  const seconds = (performance.now() - begun) / 1000
  await store.close()
  return { done: evicted / chargedBytes, cpuSeconds: (user + system) / 1e6, seconds }
}
