import type { CacheStore, FillWriter } from '@s3proxy/cache-store'
import { type ByteSource, ProxyError } from '@s3proxy/protocol'
import type { Random } from './random.ts'
import type { Turnstile } from './turnstile.ts'

/** How a cache misbehaves. */
export interface UnreliableOptions {
  readonly random: Random
  readonly turnstile: Turnstile
  /** Part of the calls that take their time, as a disk does. */
  readonly slow: number
  /** Part of the calls that fail as the contract allows. */
  readonly fails: number
  /** Part of the calls that fail as the contract forbids: they throw or reject where they must not. */
  readonly rude: number
}

/** `inner`, slow and unreliable. It still keeps its promises of order: what was removed does not come back. */
export function createUnreliableCache(inner: CacheStore, options: UnreliableOptions): CacheStore {
  const { random, turnstile, slow, fails, rude } = options
  const removals = new Map<string, number>()
  const removalsOf = (key: string): number => removals.get(key) ?? 0
  const wait = async (): Promise<void> => {
    if (random.chance(slow)) await turnstile.hold()
  }
  const failure = (): ProxyError => new ProxyError('StoreFailed', { source: 'store', reason: 'injected' })
  const breakRules = (): void => {
    if (random.chance(rude)) throw new Error('injected')
  }
  /** As `guard`, but false if the key was removed since now. */
  const inOrder = (key: string, guard: () => boolean): (() => boolean) => {
    const seen = removalsOf(key)
    return () => removalsOf(key) === seen && guard()
  }

  /** The first run is good: it was verified before. */
  const breaking = (source: ByteSource): ByteSource => {
    if (!random.chance(fails)) return source
    let runs = 0
    return {
      next() {
        if (runs++ > 0 && random.chance(0.5)) throw failure()
        return source.next()
      },
      cancel: (reason) => source.cancel(reason),
    }
  }
  const createWriter = (key: string, writer: FillWriter): FillWriter => ({
    write(chunk) {
      breakRules()
      if (random.chance(fails)) return Promise.reject(failure())
      const written = writer.write(chunk)
      return random.chance(slow) ? turnstile.hold().then(() => written) : written
    },
    read(range) {
      breakRules()
      return breaking(writer.read(range))
    },
    async commit(validatedAt, guard) {
      const ordered = inOrder(key, guard)
      await wait()
      if (random.chance(fails)) {
        writer.abort()
        return { kind: 'discarded', reason: 'failed' }
      }
      const result = await writer.commit(validatedAt, ordered)
      await wait()
      breakRules()
      return result
    },
    abort() {
      writer.abort()
      breakRules()
    },
  })

  return {
    lookup(key) {
      breakRules()
      if (random.chance(fails)) return { kind: 'absent', reason: 'unavailable' }
      if (!random.chance(slow)) return inner.lookup(key)
      const early = random.chance(0.5) ? inner.lookup(key) : undefined
      return turnstile.hold().then(() => {
        breakRules()
        return early ?? inner.lookup(key)
      })
    },
    read(held, extent, range) {
      breakRules()
      if (random.chance(fails)) return Promise.reject(failure())
      const open = (): ByteSource | Promise<ByteSource> => {
        const source = inner.read(held, extent, range)
        return source instanceof Promise ? source.then(breaking) : breaking(source)
      }
      return random.chance(slow) ? turnstile.hold().then(open) : open()
    },
    begin(representation, range) {
      breakRules()
      if (random.chance(fails)) return { kind: 'refused', reason: 'unavailable' }
      const start = inner.begin(representation, range)
      return start.kind === 'refused'
        ? start
        : { kind: 'writer', writer: createWriter(representation.key, start.writer) }
    },
    async save(representation, validatedAt, guard) {
      const ordered = inOrder(representation.key, guard)
      breakRules()
      await wait()
      if (random.chance(fails)) return false
      const saved = await inner.save(representation, validatedAt, ordered)
      await wait()
      breakRules()
      return saved
    },
    refresh(representation, validatedAt) {
      breakRules()
      inner.refresh(representation, validatedAt)
    },
    remove(key) {
      // A disk that cannot remove may keep what it has; whoever asked must not rely on it any more.
      breakRules()
      removals.set(key, removalsOf(key) + 1)
      const removed = inner.remove(key)
      return wait().then(() => {
        breakRules()
        return removed
      })
    },
    whole: (held) => inner.whole(held),
    attach: (representation, bytes) => inner.attach(representation, bytes),
    recheck: (key) => inner.recheck(key),
    usage: () => inner.usage(),
    close: () => inner.close(),
  }
}
