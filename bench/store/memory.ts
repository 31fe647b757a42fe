import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { noBackground, openStore } from './open.ts'
import { smallKey } from './small-objects.ts'

export interface MemoryQuestion {
  readonly kind: 'memory'
  readonly directory: string
  /** Objects in the directory. */
  readonly count: number
  /** Objects to look up, at most. */
  readonly remember: number
}

/** Memory in use, garbage apart. */
export interface Memory {
  readonly rssBytes: number
  /** Of the JavaScript heap and beside it. */
  readonly heapBytes: number
}

/** What a process holds for a directory, beyond what it held before. */
export interface MemoryReport {
  /** After opening it, nothing used yet. */
  readonly opened: Memory
  /** After a lookup of `remembered` objects, with the default bound of the index. */
  readonly bounded: Memory
  /** The same with an index that keeps every one of them. */
  readonly unbounded: Memory
  readonly remembered: number
}

export async function measureMemory({ directory, count, remember }: MemoryQuestion): Promise<MemoryReport> {
  setFlagsFromString('--expose-gc')
  const gc: () => void = runInNewContext('gc')
  const inUse = (): Memory => {
    gc()
    gc()
    const { rss, heapUsed, external } = process.memoryUsage()
    return { rssBytes: rss, heapBytes: heapUsed + external }
  }
  const before = inUse()
  const since = (): Memory => {
    const { rssBytes, heapBytes } = inUse()
    return { rssBytes: rssBytes - before.rssBytes, heapBytes: heapBytes - before.heapBytes }
  }
  const remembered = Math.min(count, remember)
  const open = (maxIndexBytes: number) =>
    openStore({ directory, maxIndexBytes, indexMaxAgeMs: Number.POSITIVE_INFINITY, pause: noBackground })
  const lookUpAll = async (store: Awaited<ReturnType<typeof open>>): Promise<void> => {
    for (let index = 0; index < remembered; index++) await store.lookup(smallKey(index))
  }
  const one = await open(32 << 20)
  const opened = since()
  await lookUpAll(one)
  const bounded = since()
  await one.close()
  const two = await open(2 ** 40)
  await lookUpAll(two)
  const unbounded = since()
  await two.close()
  return { opened, bounded, unbounded, remembered }
}
