import type { CacheStore, FillStart, FillWriter, Lookup } from '@s3proxy/cache-store'
import { toProxyError } from '@s3proxy/protocol'

/** Keys that could not be removed and are therefore hidden, at most; beyond it everything is. */
const maxHidden = 10_000

/**
 * A store over a store whose one duty is to keep every failure inside: trouble with the cache is a miss, a refusal or
 * nothing, never an error of a request. What should have been removed and could not be stays hidden until a later
 * publication or removal succeeds, so that a failing disk cannot bring old bytes back.
 */
export function guardStore(store: CacheStore, onTrouble: (error: unknown) => void = () => undefined): CacheStore {
  const hidden = new Set<string>()
  let hideAll = false
  const absent: Lookup = { kind: 'absent', reason: 'unavailable' }
  const refused: FillStart = { kind: 'refused', reason: 'unavailable' }
  const fail = <T>(value: T, error: unknown): T => {
    onTrouble(error)
    return value
  }
  const hide = (key: string): void => {
    if (hidden.size >= maxHidden) hideAll = true
    else hidden.add(key)
  }
  const isHidden = (key: string): boolean => hideAll || hidden.has(key)

  return {
    lookup(key) {
      if (isHidden(key)) return absent
      try {
        const found = store.lookup(key)
        return found instanceof Promise ? found.catch((error: unknown) => fail(absent, error)) : found
      } catch (error) {
        return fail(absent, error)
      }
    },
    read: (held, extent, range) => store.read(held, extent, range),
    begin(representation, range) {
      try {
        const start = store.begin(representation, range)
        if (start.kind === 'refused') return start
        const published = (): void => void hidden.delete(representation.key)
        return { kind: 'writer', writer: guardWriter(start.writer, published, onTrouble) }
      } catch (error) {
        return fail(refused, error)
      }
    },
    async save(representation, validatedAt, guard) {
      try {
        const saved = await store.save(representation, validatedAt, guard)
        if (saved) hidden.delete(representation.key)
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
      try {
        await store.remove(key)
        hidden.delete(key)
      } catch (error) {
        hide(key)
        onTrouble(error)
      }
    },
    usage: () => store.usage(),
    close: () => store.close(),
  }
}

function guardWriter(writer: FillWriter, onPublished: () => void, onTrouble: (error: unknown) => void): FillWriter {
  return {
    get written() {
      return writer.written
    },
    write(chunk) {
      try {
        return writer.write(chunk)
      } catch (error) {
        return Promise.reject(error)
      }
    },
    read: (range) => writer.read(range),
    async commit(validatedAt, guard) {
      try {
        const result = await writer.commit(validatedAt, guard)
        if (result.kind === 'stored') onPublished()
        return result
      } catch (error) {
        onTrouble(error)
        return { kind: 'discarded', reason: 'failed' }
      }
    },
    abort() {
      try {
        writer.abort()
      } catch (error) {
        onTrouble(toProxyError(error, 'store'))
      }
    },
  }
}
