import type { Gateway, Responder } from '@s3proxy/gateway'
import { type ByteSource, headerValue, ProxyError, type ResponseHead } from '@s3proxy/protocol'
import type { Front, Manners, Outcome } from './front.ts'
import type { Random } from './random.ts'
import type { ModelRequest } from './requests.ts'
import type { Turnstile } from './turnstile.ts'

/** What the front works with. */
export interface DirectFrontOptions {
  readonly gateway: Gateway
  readonly random: Random
  readonly turnstile: Turnstile
}

/** Clients without a network: exchanges are handed to the gateway directly, and every rule of the contract is checked. */
export function createDirectFront({ gateway, random, turnstile }: DirectFrontOptions): Front {
  const complaints: string[] = []
  return {
    complaints,
    connect: () => ({
      async send(request, manners) {
        const client = createDirectClient(request, manners, random.fork(request.id), turnstile, complaints)
        await gateway.handle({
          requestId: request.id,
          startedAt: 0,
          remoteAddress: '127.0.0.1',
          head: { method: request.method, target: request.target, headers: request.headers },
          body: client.body,
          responder: client.responder,
        })
        return client.outcome()
      },
      close: () => undefined,
    }),
    close: () => Promise.resolve(),
  }
}

function createDirectClient(
  request: ModelRequest,
  { leaves, slowness }: Manners,
  random: Random,
  turnstile: Turnstile,
  complaints: string[],
) {
  const complain = (text: string): void => void complaints.push(`${request.id}: ${text}`)
  const listeners = new Set<() => void>()
  const chunks: Buffer[] = []
  let head: ResponseHead | undefined
  let state: 'open' | 'ended' | 'destroyed' | 'left' = 'open'
  let received = 0

  const leave = (): void => {
    if (state !== 'open') return
    state = 'left'
    for (const listener of [...listeners]) listener()
    listeners.clear()
  }
  const leavesLater = async (): Promise<void> => {
    for (let turns = random.int(0, 3); turns >= 0; turns--) await turnstile.hold()
    leave()
  }
  if (leaves === 'waiting') void leavesLater()

  const responder: Responder = {
    get gone() {
      return state === 'left' || state === 'destroyed'
    },
    get started() {
      return head !== undefined
    },
    get bytesSent() {
      return received
    },
    onGone(listener) {
      if (state === 'left') listener()
      else listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    informational: () => undefined,
    head(given) {
      if (head !== undefined) complain('a second head')
      head = given
    },
    write(chunk) {
      if (head === undefined) complain('bytes before the head')
      if (state === 'ended') complain('bytes after the end')
      if (chunk.length === 0) complain('an empty chunk')
      if (state !== 'open') return undefined
      chunks.push(Buffer.from(chunk))
      received += chunk.length
      if (typeof leaves === 'object') {
        const announced = Number(headerValue(head?.headers ?? [], 'content-length') ?? 1000)
        if (received >= announced * leaves.afterPart) leave()
      }
      return random.chance(slowness) ? turnstile.hold() : undefined
    },
    end() {
      if (head === undefined) complain('an end before the head')
      if (state === 'open') state = 'ended'
    },
    destroy() {
      if (state === 'open') state = 'destroyed'
    },
  }
  const outcome = (): Outcome => {
    if (listeners.size > 0) complain(`${listeners.size} listeners are left behind`)
    const answer =
      head === undefined ? undefined : { status: head.status, headers: head.headers, body: Buffer.concat(chunks) }
    if (state === 'left') return { kind: 'left', answer }
    if (state === 'ended' && answer !== undefined && isWhole(request, answer.status, head, received)) {
      return { kind: 'complete', answer }
    }
    // Node sends what it was told to; a client that waits for more than came sees its connection break.
    if (state === 'ended') complain(`the answer ended cleanly after ${received} bytes`)
    if (state === 'open') complain('neither ended nor destroyed')
    return { kind: 'broken', answer }
  }
  const body =
    request.body === undefined ? undefined : createUpload(request.body, { leaves, slowness, random, turnstile, leave })
  return { responder, body, outcome }
}

function isWhole(request: ModelRequest, status: number, head: ResponseHead | undefined, received: number): boolean {
  if (request.method === 'HEAD' || status === 204 || status === 304) return received === 0
  const length = headerValue(head?.headers ?? [], 'content-length')
  return length === undefined || Number(length) === received
}

function createUpload(
  bytes: Buffer,
  options: {
    readonly leaves: Manners['leaves']
    readonly slowness: number
    readonly random: Random
    readonly turnstile: Turnstile
    readonly leave: () => void
  },
): ByteSource {
  const { leaves, slowness, random, turnstile, leave } = options
  let position = 0
  let cancelled = false
  return {
    async next() {
      if (random.chance(slowness)) await turnstile.hold()
      if (cancelled || position >= bytes.length) return null
      if (leaves === 'uploading' && position * 2 >= bytes.length) {
        leave()
        throw new ProxyError('ClientClosed', { source: 'client' })
      }
      const chunk = bytes.subarray(position, position + Math.max(1, Math.ceil(bytes.length / 3)))
      position += chunk.length
      return chunk
    },
    cancel() {
      cancelled = true
    },
  }
}
