import { type ByteSource, bufferSource, ProxyError, type RawHeaders } from '@s3proxy/protocol'
import type { Origin, UpstreamRequest } from './client.ts'

/** A fake origin, as far as a request needs to know it. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly url: string
}

/** What a test says of a request; the rest is a plain GET of `/`. */
export type RequestDraft = Partial<UpstreamRequest> & { readonly headers?: RawHeaders }

/** A request to `target` without a body. */
export function requestTo(target: Target, draft: RequestDraft = {}): UpstreamRequest {
  return {
    origin: originOf(target),
    method: 'GET',
    target: '/',
    headers: ['Host', `${target.host}:${target.port}`],
    body: undefined,
    signal: new AbortController().signal,
    ...draft,
  }
}

/** A PUT of `text` to `target`, framed by its length. */
export function uploadTo(target: Target, text: string, draft: RequestDraft = {}): UpstreamRequest {
  return requestTo(target, {
    method: 'PUT',
    body: { source: bufferSource(Buffer.from(text, 'latin1')) },
    ...draft,
    headers: ['Host', 'a', 'Content-Length', String(text.length), ...(draft.headers ?? [])],
  })
}

/** `target` as an origin. */
export function originOf({ host, port, url }: Target): Origin {
  return { scheme: url.startsWith('https:') ? 'https' : 'http', hostname: host, port }
}

/** What became of a promise that must fail with a ProxyError. */
export async function failureOf(promise: Promise<unknown>): Promise<ProxyError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof ProxyError) return error
    throw error
  }
  throw new Error('it did not fail')
}

/** All of `source` until it ends or fails. */
export async function drain(source: ByteSource): Promise<{ readonly text: string; readonly error: unknown }> {
  const chunks: Uint8Array[] = []
  const text = (): string => Buffer.concat(chunks).toString('latin1')
  try {
    for (;;) {
      const chunk = await source.next()
      if (chunk === null) return { text: text(), error: undefined }
      chunks.push(chunk)
    }
  } catch (error) {
    return { text: text(), error }
  }
}

/** A source that a test feeds by hand, and that tells how it was used. */
export interface ManualSource extends ByteSource {
  /** Delivers a chunk, or the end. */
  push(chunk: Uint8Array | null): void
  /** Delivers a failure. */
  fail(error: Error): void
  readonly pulls: number
  readonly cancelled: boolean
  /** Resolves when the source has been pulled `count` times. */
  pulled(count: number): Promise<void>
}

/** Makes a source with nothing in it yet. */
export function createManualSource(): ManualSource {
  const queue: (Uint8Array | null | Error)[] = []
  let waiter: PromiseWithResolvers<Uint8Array | null> | undefined
  let watchers: { readonly count: number; readonly resolve: () => void }[] = []
  let pulls = 0
  let cancelled = false
  const deliver = (item: Uint8Array | null | Error): void => {
    const waiting = waiter
    waiter = undefined
    if (waiting === undefined) queue.push(item)
    else if (item instanceof Error) waiting.reject(item)
    else waiting.resolve(item)
  }
  return {
    push: deliver,
    fail: deliver,
    next() {
      pulls++
      watchers = watchers.filter(({ count, resolve }) => {
        if (pulls >= count) resolve()
        return pulls < count
      })
      const item = queue.shift()
      if (item instanceof Error) throw item
      if (item !== undefined) return item
      waiter = Promise.withResolvers()
      return waiter.promise
    },
    cancel() {
      cancelled = true
    },
    get pulls() {
      return pulls
    },
    get cancelled() {
      return cancelled
    },
    pulled: (count) =>
      new Promise((resolve) => {
        if (pulls >= count) resolve()
        else watchers.push({ count, resolve })
      }),
  }
}
