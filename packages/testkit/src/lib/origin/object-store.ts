import { headerValue, type RawHeaders } from '@s3proxy/protocol'
import { formatHead } from '../wire/head.ts'
import { bufferContent, type Content, contentMd5, pieces } from './content.ts'
import type { Exchange, OriginHandler } from './exchange.ts'
import { type FakeOrigin, type FakeOriginOptions, startFakeOrigin } from './fake-origin.ts'
import { type ObjectState, planAnswer } from './object-answer.ts'

/** An object as the store holds it. */
export interface StoredObject extends ObjectState {
  readonly content: Content
}

/** What a test may say about an object it puts. */
export interface PutOptions {
  /** Sent back on reads, such as `['Content-Type', 'text/plain', 'x-amz-meta-a', 'b']`. Default none. */
  readonly headers?: RawHeaders
  /** With its quotes. Default: the MD5 of the content. */
  readonly etag?: string
  /** Milliseconds since the epoch. Default: the store's clock. */
  readonly lastModified?: number
  /** Sizes of the parts it was uploaded in, together all of it. Default: uploaded in one piece. */
  readonly partSizes?: readonly number[]
}

/** One answered request. */
export interface ObjectLogEntry {
  readonly method: string
  readonly bucket: string
  /** Binary string, decoded once. */
  readonly key: string
  readonly status: number
  /** Bytes of body that were sent. */
  readonly bodyBytes: number
}

/** Options of an object store. */
export interface ObjectStoreOptions {
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
  /** Makes `<bucket>.<domain>` address a bucket, whatever the port. Default: path style only. */
  readonly domain?: string
  /** Whether the request may go on; `denied` answers 403 AccessDenied. Default: everything is allowed. */
  readonly authorise?: (headers: RawHeaders, target: string) => 'allowed' | 'denied'
}

/** A small S3: GET and HEAD with ranges and conditions, PUT, DELETE. Everything else is 501. */
export interface ObjectStore {
  readonly handler: OriginHandler
  /** All answered requests, in order of their answers. */
  readonly log: readonly ObjectLogEntry[]
  /** How many log entries are like `pattern`; a key left out matches all. */
  count(pattern?: Partial<ObjectLogEntry>): number
  /** Body bytes sent in answer to GET. */
  readonly bodyBytesSent: number
  put(bucket: string, key: string, content: string | Uint8Array | Content, options?: PutOptions): StoredObject
  get(bucket: string, key: string): StoredObject | undefined
  remove(bucket: string, key: string): void
  /** Forgets the log, keeps the objects. */
  resetLog(): void
}

/** An origin that serves an object store. */
export interface ObjectOrigin extends FakeOrigin {
  readonly objects: ObjectStore
}

/** Starts an origin with an empty object store behind it. */
export async function startObjectOrigin(
  options: ObjectStoreOptions & Omit<FakeOriginOptions, 'handler'> = {},
): Promise<ObjectOrigin> {
  const objects = createObjectStore(options)
  const origin = await startFakeOrigin({ ...options, handler: objects.handler })
  return Object.create(origin, { objects: { value: objects, enumerable: true } }) as ObjectOrigin
}

/** An empty store. */
export function createObjectStore({ now = Date.now, domain, authorise }: ObjectStoreOptions = {}): ObjectStore {
  const objects = new Map<string, StoredObject>()
  const log: ObjectLogEntry[] = []
  let requestCount = 0

  const store: ObjectStore = {
    log,
    get bodyBytesSent() {
      return log.reduce((sum, entry) => (entry.method === 'GET' ? sum + entry.bodyBytes : sum), 0)
    },
    count: (pattern = {}) =>
      log.filter((entry) =>
        Object.entries(pattern).every(([name, value]) => entry[name as keyof ObjectLogEntry] === value),
      ).length,
    put(bucket, key, content, { headers = [], etag, lastModified = now(), partSizes } = {}) {
      const held = typeof content === 'string' || content instanceof Uint8Array ? bufferContent(content) : content
      const tag = etag ?? `"${contentMd5(held)}${partSizes === undefined ? '' : `-${partSizes.length}`}"`
      const object = { content: held, size: held.size, headers, etag: tag, lastModified, partSizes }
      objects.set(`${bucket}/${key}`, object)
      return object
    },
    get: (bucket, key) => objects.get(`${bucket}/${key}`),
    remove: (bucket, key) => void objects.delete(`${bucket}/${key}`),
    resetLog: () => void log.splice(0),
    async handler(exchange) {
      const { method, headers, target } = exchange.request
      const { bucket, key } = address(target, headerValue(headers, 'host') ?? '', domain)
      await exchange.readBody()
      const result = await respond(exchange, bucket, key)
      log.push({ method, bucket, key, ...result })
    },
  }

  const respond = async (exchange: Exchange, bucket: string, key: string) => {
    const { method, headers, target, body } = exchange.request
    const requestId = (++requestCount).toString(16).toUpperCase().padStart(16, '0')
    const common = ['Server', 'FakeS3', 'Date', new Date(now()).toUTCString(), 'x-amz-request-id', requestId]
    const fail = (status: number, code: string, extra: RawHeaders = []) =>
      sendError(exchange, [...common, ...extra], { status, code, requestId })

    if (authorise?.(headers, target) === 'denied') return fail(403, 'AccessDenied')
    if (key === '') return fail(501, 'NotImplemented')
    const existing = objects.get(`${bucket}/${key}`)
    switch (method) {
      case 'GET':
      case 'HEAD': {
        if (existing === undefined) return fail(404, 'NoSuchKey')
        const plan = planAnswer(existing, headers, partNumberOf(target))
        if (plan.kind === 'error') return fail(plan.status, plan.code, plan.headers)
        const status = plan.kind === 'not-modified' ? 304 : plan.kind === 'range' ? 206 : 200
        await exchange.write(formatHead(`HTTP/1.1 ${status} `, [...common, ...plan.headers]))
        let bodyBytes = 0
        if (method === 'GET' && plan.kind !== 'not-modified') {
          for (const piece of pieces(existing.content, plan.start, plan.end)) {
            if ((await exchange.write(piece)) === 'gone') break
            bodyBytes += piece.length
          }
        }
        return { status, bodyBytes }
      }
      case 'PUT': {
        if (headerValue(headers, 'if-none-match') === '*' && existing !== undefined) {
          return fail(412, 'PreconditionFailed')
        }
        const { etag } = store.put(bucket, key, body, { headers: keptHeaders(headers) })
        await exchange.write(formatHead('HTTP/1.1 200 OK', [...common, 'ETag', etag, 'Content-Length', '0']))
        return { status: 200, bodyBytes: 0 }
      }
      case 'DELETE':
        objects.delete(`${bucket}/${key}`)
        await exchange.write(formatHead('HTTP/1.1 204 No Content', common))
        return { status: 204, bodyBytes: 0 }
      default:
        return fail(501, 'NotImplemented')
    }
  }
  return store
}

async function sendError(
  exchange: Exchange,
  headers: RawHeaders,
  { status, code, requestId }: { readonly status: number; readonly code: string; readonly requestId: string },
) {
  const body =
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Error><Code>${code}</Code><Message>${code}</Message><RequestId>${requestId}</RequestId></Error>`
  const head = formatHead(`HTTP/1.1 ${status} `, [
    ...headers,
    'Content-Type',
    'application/xml',
    'Content-Length',
    String(body.length),
  ])
  const withBody = exchange.request.method !== 'HEAD'
  await exchange.write(withBody ? Buffer.concat([head, Buffer.from(body)]) : head)
  return { status, bodyBytes: withBody ? body.length : 0 }
}

function partNumberOf(target: string): number | undefined {
  const [, digits] = /[?&]partNumber=(\d+)(?:&|$)/.exec(target) ?? []
  return digits === undefined ? undefined : Number(digits)
}

function address(target: string, host: string, domain: string | undefined): { bucket: string; key: string } {
  const mark = target.indexOf('?')
  const path = percentDecode(mark < 0 ? target : target.slice(0, mark)).slice(1)
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (domain !== undefined && name.endsWith(`.${domain}`)) {
    return { bucket: name.slice(0, -domain.length - 1), key: path }
  }
  const slash = path.indexOf('/')
  return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) }
}

/** One code unit per byte, decoded once; a broken escape stays as it is. */
function percentDecode(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** The fields of a PUT that S3 gives back on reads. */
function keptHeaders(headers: RawHeaders): string[] {
  const kept: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string
    if (/^(content-(type|encoding|language|disposition)|cache-control|expires|x-amz-meta-.*)$/i.test(name)) {
      kept.push(name, headers[i + 1] as string)
    }
  }
  return kept
}
