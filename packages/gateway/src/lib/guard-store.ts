import type { CacheStore, FillStart, FillWriter, Lookup } from '@s3proxy/cache-store'
import { toProxyError } from '@s3proxy/protocol'
import { createHiddenKeys } from './hidden-keys.ts'
import { systemTimers, type Timers, within } from './within.ts'

const absent: Lookup = { kind: 'absent', reason: 'unavailable' }
const refused: FillStart = { kind: 'refused', reason: 'unavailable' }

/** The guard of a publication, and when it last said yes. */
interface MarkedGuard {
  readonly guard: () => boolean
  readonly saidYesAt: () => number
}

/** How a store is guarded. */
export interface GuardOptions {
  /** Told of what went wrong. Default: nobody. */
  readonly onTrouble?: ((error: unknown) => void) | undefined
  /** How long one call of the store may take, milliseconds, before it counts as failed. Default 10 s. */
  readonly limitMs?: number | undefined
  /** Default: the machine's. */
  readonly timers?: Timers | undefined
}

/**
 * A store over a store whose one duty is to keep every failure inside: trouble with the cache is a miss, a refusal or
 * nothing, never an error of a request. What should have been removed and could not be stays hidden until a removal that
 * began later, or a publication that was allowed later, succeeds: a failing disk cannot bring old bytes back.
 */
export function guardStore(store: CacheStore, options: GuardOptions = {}): CacheStore {
  const { onTrouble = () => undefined, limitMs = 10_000, timers = systemTimers } = options
  const bounded = <T>(promise: Promise<T>): Promise<T> => within(promise, limitMs, timers)
  const hidden = createHiddenKeys()
  const fail = <T>(value: T, error: unknown): T => {
    onTrouble(error)
    return value
  }
  const marked = (guard: () => boolean): MarkedGuard => {
    let at = 0
    const asked = (): boolean => {
      const yes = guard()
      if (yes) at = hidden.mark()
      return yes
    }
    return { guard: asked, saidYesAt: () => at }
  }

  return {
    lookup(key) {
      if (hidden.has(key)) return absent
      try {
        const found = store.lookup(key)
        return found instanceof Promise ? bounded(found).catch((error: unknown) => fail(absent, error)) : found
      } catch (error) {
        return fail(absent, error)
      }
    },
    read(held, extent, range) {
      const source = store.read(held, extent, range)
      return source instanceof Promise ? bounded(source) : source
    },
    begin(representation, range) {
      try {
        const start = store.begin(representation, range)
        if (start.kind === 'refused') return start
        const { writer } = start
        const commit: FillWriter['commit'] = async (validatedAt, guard) => {
          const { guard: asked, saidYesAt } = marked(guard)
          try {
            const result = await bounded(writer.commit(validatedAt, asked))
            if (result.kind === 'stored') hidden.show(representation.key, saidYesAt())
            return result
          } catch (error) {
            return fail({ kind: 'discarded', reason: 'failed' }, error)
          }
        }
        return { kind: 'writer', writer: guardWriter(writer, { commit, bounded, onTrouble }) }
      } catch (error) {
        return fail(refused, error)
      }
    },
    async save(representation, validatedAt, guard) {
      const { guard: asked, saidYesAt } = marked(guard)
      try {
        const saved = await bounded(store.save(representation, validatedAt, asked))
        if (saved) hidden.show(representation.key, saidYesAt())
        return saved
      } catch (error) {
        return fail(false, error)
      }
    },
    refresh(key, etag, validatedAt) {
      try {
        store.refresh(key, etag, validatedAt)
      } catch (error) {
        onTrouble(error)
      }
    },
    async remove(key) {
      const calledAt = hidden.mark()
      try {
        await bounded(store.remove(key))
        hidden.show(key, calledAt)
      } catch (error) {
        hidden.hide(key)
        onTrouble(error)
      }
    },
    usage: () => store.usage(),
    close: () => store.close(),
  }
}

/** What a guarded writer does otherwise. */
interface WriterGuard {
  readonly commit: FillWriter['commit']
  readonly bounded: (promise: Promise<void>) => Promise<void>
  readonly onTrouble: (error: unknown) => void
}

function guardWriter(writer: FillWriter, { commit, bounded, onTrouble }: WriterGuard): FillWriter {
  return {
    get written() {
      return writer.written
    },
    write(chunk) {
      try {
        const written = writer.write(chunk)
        return written instanceof Promise ? bounded(written) : undefined
      } catch (error) {
        return Promise.reject(error)
      }
    },
    read: (range) => writer.read(range),
    commit,
    abort() {
      try {
        writer.abort()
      } catch (error) {
        onTrouble(toProxyError(error, 'store'))
      }
    },
  }
}
