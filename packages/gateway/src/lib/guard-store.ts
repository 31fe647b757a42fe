import type { CacheStore, FillStart, FillWriter, Lookup } from '@s3proxy/cache-store'
import { type ByteSource, ProxyError, toProxyError } from '@s3proxy/protocol'
import { guardSource } from './guard-source.ts'
import { createHiddenKeys } from './hidden-keys.ts'
import { storeTimeout, systemTimers, type Timers, within } from './within.ts'

const absent: Lookup = { kind: 'absent', reason: 'unavailable' }
const refused: FillStart = { kind: 'refused', reason: 'unavailable' }

/** For how long a store that has hung is left alone. */
const suspensionMs = 30_000

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

/** A store that never fails, and knows what it has failed to remove. */
export interface GuardedStore extends CacheStore {
  /** Whether something of `key` should have been removed and may still be there. */
  isHidden(key: string): boolean
}

/**
 * A store over a store whose one duty is to keep every failure inside: trouble with the cache is a miss, a refusal or
 * nothing, never an error of a request. What should have been removed and could not be stays hidden until a removal that
 * began later, or a publication that was allowed later, succeeds: a failing disk cannot bring old bytes back.
 */
export function guardStore(store: CacheStore, options: GuardOptions = {}): GuardedStore {
  const { onTrouble = () => undefined, limitMs = 10_000, timers = systemTimers } = options
  const bounded = <T>(promise: Promise<T>, onLate?: (value: T) => void): Promise<T> =>
    within(promise, limitMs, timers, onLate)
  /** Whether the store has hung lately: then nobody waits for it. */
  let suspended = false
  const noteTrouble = (error: unknown): void => {
    onTrouble(error)
    if (suspended || !isTimeout(error)) return
    suspended = true
    timers.setTimeout(() => {
      suspended = false
    }, suspensionMs)
  }
  /** For waits whose failure the caller deals with: of a hang the rest of us must know. */
  const awaited = async <T>(promise: Promise<T>, onLate?: (value: T) => void): Promise<T> => {
    try {
      return await bounded(promise, onLate)
    } catch (error) {
      if (isTimeout(error)) noteTrouble(error)
      throw error
    }
  }
  const guarded = (source: ByteSource): ByteSource => guardSource(source, awaited)
  const hidden = createHiddenKeys()
  const fail = <T>(value: T, error: unknown): T => {
    noteTrouble(error)
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

  /** Begins in this turn, so that the key is unreachable when it returns; a store that throws has failed. */
  const removal = async (key: string): Promise<void> => store.remove(key)

  return {
    lookup(key) {
      if (suspended || hidden.has(key)) return absent
      try {
        const found = store.lookup(key)
        return found instanceof Promise ? bounded(found).catch((error: unknown) => fail(absent, error)) : found
      } catch (error) {
        return fail(absent, error)
      }
    },
    read(held, extent, range) {
      const source = store.read(held, extent, range)
      if (extent.tier === 'memory') return source
      return source instanceof Promise ? awaited(source, (late) => late.cancel()).then(guarded) : guarded(source)
    },
    whole: (held) => store.whole(held),
    attach: (representation, bytes) => store.attach(representation, bytes),
    begin(representation, range, options) {
      if (suspended) return refused
      try {
        const start = store.begin(representation, range, options)
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
        return { kind: 'writer', writer: guardWriter(writer, { commit, awaited, guarded, onTrouble }) }
      } catch (error) {
        return fail(refused, error)
      }
    },
    async save(representation, validatedAt, guard) {
      if (suspended) return false
      const { guard: asked, saidYesAt } = marked(guard)
      try {
        const saved = await bounded(store.save(representation, validatedAt, asked))
        if (saved) hidden.show(representation.key, saidYesAt())
        return saved
      } catch (error) {
        return fail(false, error)
      }
    },
    refresh(representation, validatedAt) {
      try {
        store.refresh(representation, validatedAt)
      } catch (error) {
        onTrouble(error)
      }
    },
    async remove(key) {
      const calledAt = hidden.mark()
      const removed = removal(key)
      if (suspended) {
        // It stays hidden until the store has done it after all.
        hidden.hide(key)
        const hiddenAt = hidden.mark()
        removed.then(() => hidden.show(key, hiddenAt)).catch(onTrouble)
        return
      }
      try {
        await bounded(removed)
        hidden.show(key, calledAt)
      } catch (error) {
        hidden.hide(key)
        noteTrouble(error)
      }
    },
    isHidden: hidden.has,
    recheck(key) {
      try {
        store.recheck(key)
      } catch (error) {
        onTrouble(error)
      }
    },
    usage: () => store.usage(),
    close: () => store.close(),
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof ProxyError && error.reason === storeTimeout
}

/** What a guarded writer does otherwise. */
interface WriterGuard {
  readonly commit: FillWriter['commit']
  readonly awaited: (promise: Promise<void>) => Promise<void>
  readonly guarded: (source: ByteSource) => ByteSource
  readonly onTrouble: (error: unknown) => void
}

function guardWriter(writer: FillWriter, { commit, awaited, guarded, onTrouble }: WriterGuard): FillWriter {
  return {
    memory: writer.memory,
    write(chunk, onDone) {
      try {
        const written = writer.write(chunk, onDone)
        return written instanceof Promise ? awaited(written) : undefined
      } catch (error) {
        return Promise.reject(error)
      }
    },
    read: (range) => guarded(writer.read(range)),
    commit,
    abort() {
      try {
        writer.abort()
      } catch (error) {
        onTrouble(toProxyError(error, 'store'))
      }
    },
    giveBack: () => writer.giveBack?.(),
  }
}
