import { type ByteSource, ProxyError } from '@s3proxy/protocol'
import type { UpstreamClient, UpstreamRequest, UpstreamResponse } from '@s3proxy/upstream'
import type { StoreIo } from './store-io.ts'
import type { StoreModel } from './store-model.ts'

/** An upstream client without a network: the store model is asked directly, and every rule of the contract is checked. */
export interface DirectUpstream extends UpstreamClient {
  /** Bodies that were neither read to their end nor cancelled. */
  readonly openBodies: number
}

/** An upstream client over the store model. `complain` is told of breaches of the contract by the gateway. */
export function createDirectUpstream(store: StoreModel, complain: (text: string) => void): DirectUpstream {
  let openBodies = 0
  return {
    get openBodies() {
      return openBodies
    },
    send(request) {
      if (request.signal.aborted) {
        request.body?.source.cancel()
        return Promise.reject(clientClosed())
      }
      return new Promise<UpstreamResponse>((resolve, reject) => {
        const { promise, io } = createExchange(request, complain, {
          opened: () => void openBodies++,
          closed: () => void openBodies--,
        })
        promise.then(resolve, reject)
        store.serve(io).catch((error: unknown) => complain(`the store model failed: ${String(error)}`))
      })
    },
    close: () => Promise.resolve(),
  }
}

interface BodyCounter {
  opened(): void
  closed(): void
}

function createExchange(request: UpstreamRequest, complain: (text: string) => void, counter: BodyCounter) {
  const { promise, resolve, reject } = Promise.withResolvers<UpstreamResponse>()
  let gone = false
  let answered = false
  let uploaded: 'no' | 'under way' | 'done' = 'no'
  let response: ReturnType<typeof createResponseBody> | undefined
  const fail = (error: ProxyError): void => {
    gone = true
    if (uploaded !== 'done') request.body?.source.cancel(error)
    if (answered) response?.fail(error)
    else reject(error)
  }
  const onAbort = (): void => fail(clientClosed())
  request.signal.addEventListener('abort', onAbort)
  const done = (): void => request.signal.removeEventListener('abort', onAbort)
  promise.then(done, done)

  const io: StoreIo = {
    method: request.method,
    target: request.target,
    headers: request.headers,
    get gone() {
      return gone || response?.over === true
    },
    async body() {
      const source = request.body?.source
      if (source === undefined) return { kind: 'complete', bytes: Buffer.alloc(0) }
      uploaded = 'under way'
      const chunks: Uint8Array[] = []
      try {
        for (;;) {
          if (gone) return { kind: 'broken' }
          const chunk = await source.next()
          if (gone) return { kind: 'broken' }
          if (chunk === null) break
          chunks.push(chunk)
        }
      } catch (cause) {
        uploaded = 'done'
        fail(new ProxyError('BadGateway', { source: 'upstream', cause }))
        return { kind: 'broken' }
      }
      uploaded = 'done'
      return { kind: 'complete', bytes: Buffer.concat(chunks) }
    },
    async head(status, headers, framing) {
      if (gone || answered) return
      answered = true
      if (uploaded !== 'done') request.body?.source.cancel()
      const length = framing === 'length' ? Number(headers[headers.indexOf('Content-Length') + 1]) : undefined
      response = createResponseBody(framing === 'none' ? 0 : length, complain, counter)
      resolve({ status, reason: '', headers: [...headers], body: response.source, remoteAddress: '127.0.0.1' })
    },
    write: (bytes) => response?.push(bytes) ?? Promise.resolve(),
    async finish() {
      response?.finish()
    },
    breakOff() {
      fail(new ProxyError(answered ? 'UpstreamTruncated' : 'BadGateway', { source: 'upstream' }))
    },
    async garbage() {
      fail(new ProxyError('BadGateway', { source: 'upstream' }))
    },
  }
  return { promise, io }
}

/** The body of an answer: ends cleanly only if it came whole. `length` undefined: as long as it is. */
function createResponseBody(length: number | undefined, complain: (text: string) => void, counter: BodyCounter) {
  const queue: { readonly bytes: Uint8Array; readonly taken: () => void }[] = []
  let received = 0
  let end: 'clean' | ProxyError | undefined = length === 0 ? 'clean' : undefined
  let over = false
  let waiter: PromiseWithResolvers<Uint8Array | null> | undefined
  counter.opened()
  const close = (): void => {
    if (over) return
    over = true
    counter.closed()
    for (const { taken } of queue.splice(0)) taken()
  }
  if (length === 0) {
    over = true
    counter.closed()
  }
  const take = (): Uint8Array | null | undefined => {
    const next = queue.shift()
    if (next !== undefined) {
      next.taken()
      return next.bytes
    }
    if (end === undefined) return undefined
    close()
    if (end === 'clean') return null
    throw end
  }
  const settle = (): void => {
    if (waiter === undefined) return
    const { resolve, reject } = waiter
    try {
      const next = take()
      if (next === undefined) return
      waiter = undefined
      resolve(next)
    } catch (error) {
      waiter = undefined
      reject(error)
    }
  }
  let finished = false
  const source: ByteSource = {
    next() {
      if (waiter !== undefined) complain('next() of an upstream body while another is pending')
      if (finished) complain('next() of an upstream body after its end')
      try {
        const next = take()
        if (next !== undefined) {
          finished = next === null
          return next
        }
      } catch (error) {
        finished = true
        throw error
      }
      waiter = Promise.withResolvers()
      return waiter.promise.then(
        (next) => {
          finished = next === null
          return next
        },
        (error: unknown) => {
          finished = true
          throw error
        },
      )
    },
    cancel() {
      if (over) return
      end ??= clientClosed()
      const pending = waiter
      waiter = undefined
      close()
      pending?.reject(clientClosed())
    },
  }
  return {
    source,
    get over() {
      return over
    },
    push(given: Uint8Array): Promise<void> {
      // What goes past the announced length is not of this answer: a real client drops it with the connection.
      const bytes = length === undefined ? given : given.subarray(0, length - received)
      if (over || end !== undefined || bytes.length === 0) return Promise.resolve()
      received += bytes.length
      return new Promise((resolve) => {
        queue.push({ bytes, taken: resolve })
        settle()
      })
    },
    finish() {
      if (end !== undefined) return
      const short = length !== undefined && received < length
      end = short ? new ProxyError('UpstreamTruncated', { source: 'upstream' }) : 'clean'
      settle()
    },
    fail(error: ProxyError) {
      if (end !== undefined) return
      end = error
      settle()
    },
  }
}

function clientClosed(): ProxyError {
  return new ProxyError('ClientClosed', { source: 'client', reason: 'cancelled' })
}
