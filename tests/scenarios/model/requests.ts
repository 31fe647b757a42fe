import type { RawHeaders } from '@s3proxy/protocol'
import type { Entry, History, Version } from './history.ts'
import type { Random } from './random.ts'
import { type Signing, sign } from './signing.ts'

/** The bytes that a read asks for. `ignored`: a Range that S3 does not honour, so that it answers the whole. */
export type AskedRange =
  | { readonly kind: 'none' | 'ignored' }
  | { readonly kind: 'closed'; readonly first: number; readonly last: number }
  | { readonly kind: 'from'; readonly first: number }
  | { readonly kind: 'suffix'; readonly length: number }

/** What the judge must know of a read. */
export interface ReadFacts {
  readonly kind: 'read'
  readonly key: number
  readonly range: AskedRange
  /** The conditions as sent, lower-case names. */
  readonly conditions: ReadonlyMap<string, string>
  /** The client demands that the store be asked. */
  readonly mustAsk: boolean
  /** The Content-Type it asked for with `response-content-type`. */
  readonly contentType: string | undefined
  /** The version asked for; undefined for the current one. */
  readonly version: number | undefined
  /** Whether it asked for the checksum. */
  readonly wantsChecksum: boolean
  /** The part asked for, by number; undefined for a read of the object. */
  readonly part: number | undefined
}

/** What the store is to do for a write. */
export type WriteFacts =
  | { readonly kind: 'put'; readonly key: number; readonly version: Version; readonly onlyIfAbsent: boolean }
  | { readonly kind: 'complete-upload'; readonly key: number; readonly version: Version }
  | { readonly kind: 'touch' | 'delete'; readonly key: number }
  | { readonly kind: 'delete-version'; readonly key: number; readonly version: number }
  | { readonly kind: 'delete-many'; readonly keys: readonly number[] }

/** A request of a client. */
export interface ModelRequest {
  /** Names it; the store finds it in the field `x-model-id`. */
  readonly id: string
  readonly method: string
  readonly target: string
  /** `Host` included, framing of the body too. */
  readonly headers: RawHeaders
  readonly body: Buffer | undefined
  readonly facts: ReadFacts | WriteFacts
  readonly signing: Signing
}

/** What requests are made of. */
export interface RequestOptions {
  readonly id: string
  readonly random: Random
  readonly history: History
  readonly keys: number
  /** Part of the requests that write. */
  readonly writes: number
  /** Size of a new object. */
  readonly size: (random: Random) => number
}

export const bucket = 'b'
export const host = 'store.test'

/** A request such as clients send. */
export function createRequest(options: RequestOptions): ModelRequest {
  const { random, keys, writes } = options
  // Most of the traffic concerns the first key, so that requests meet.
  const key = random.chance(0.6) ? 0 : random.int(0, keys - 1)
  return random.chance(writes) ? writeRequest(options, key) : readRequest(options, key)
}

/** A plain read of all of `key`. */
export function wholeRead(id: string, key: number, method: 'GET' | 'HEAD', random: Random): ModelRequest {
  const facts: ReadFacts = {
    kind: 'read',
    key,
    range: { kind: 'none' },
    conditions: new Map(),
    mustAsk: false,
    contentType: undefined,
    version: undefined,
    wantsChecksum: false,
    part: undefined,
  }
  return finish(random, { id, method, target: `/${bucket}/key-${key}`, headers: [], body: undefined, facts })
}

function finish(random: Random, request: Omit<ModelRequest, 'signing'>): ModelRequest {
  const headers = ['Host', host, 'x-model-id', request.id, ...request.headers]
  if (request.body !== undefined) headers.push('Content-Length', String(request.body.length))
  return sign(random, { ...request, headers })
}

function readRequest({ id, random, history }: RequestOptions, key: number): ModelRequest {
  const method = random.chance(0.2) ? 'HEAD' : 'GET'
  const seen = random.pick(history.of(key) as unknown as [Entry, ...Entry[]]).object
  const size = history.current(key).object?.content.length ?? seen?.content.length ?? 100
  const range: AskedRange = random.chance(0.6) ? askRange(random, size) : { kind: 'none' }
  const headers: string[] = range.kind === 'none' ? [] : ['Range', formatRange(random, range)]
  const conditions = new Map<string, string>()
  const condition = (name: string, value: string): void => {
    conditions.set(name.toLowerCase(), value)
    headers.push(name, value)
  }
  const etag = random.chance(0.5) ? (history.current(key).object?.etag ?? '"x"') : (seen?.etag ?? '"x"')
  const date = seen?.lastModified ?? 'Thu, 01 Jan 2026 00:00:00 GMT'
  if (random.chance(0.1)) condition('If-None-Match', random.pick([etag, `"y", ${etag}`, '"y"', '*']))
  if (random.chance(0.08)) condition('If-Match', random.pick([etag, `"y", ${etag}`, '"y"', '*']))
  if (random.chance(0.04)) condition('If-Modified-Since', date)
  if (random.chance(0.04)) condition('If-Unmodified-Since', date)
  if (range.kind !== 'none' && random.chance(0.06)) condition('If-Range', random.pick([etag, date]))
  const mustAsk = random.chance(0.08)
  if (mustAsk)
    headers.push(
      ...random.pick([
        ['Cache-Control', 'no-cache'],
        ['Cache-Control', 'no-store'],
        ['Pragma', 'no-cache'],
      ] as const),
    )
  const wantsChecksum = random.chance(0.15)
  if (wantsChecksum) headers.push('x-amz-checksum-mode', 'ENABLED')
  const contentType = random.chance(0.1) ? `text/x-${random.int(0, 1)}` : undefined
  const version = random.chance(0.1) ? (seen?.version ?? 99_999) : undefined
  const part = random.chance(range.kind === 'none' ? 0.4 : 0.03)
    ? random.int(1, (seen?.partSizes?.length ?? 1) + 1)
    : undefined
  const query = [
    ...(part === undefined ? [] : [`partNumber=${part}`]),
    ...(contentType === undefined ? [] : [`response-content-type=${encodeURIComponent(contentType)}`]),
    ...(version === undefined ? [] : [`versionId=${version}`]),
  ].join('&')
  const target = `/${bucket}/key-${key}${query === '' ? '' : `?${query}`}`
  const facts: ReadFacts = { kind: 'read', key, range, conditions, mustAsk, contentType, version, wantsChecksum, part }
  return finish(random, { id, method, target, headers, body: undefined, facts })
}

function askRange(random: Random, size: number): AskedRange {
  const first = random.chance(0.3) ? 0 : random.int(0, Math.max(0, size - 1))
  switch (random.int(0, 7)) {
    case 0:
      return { kind: 'from', first }
    case 1:
      return { kind: 'suffix', length: random.int(0, size + 10) }
    case 2:
      return { kind: 'closed', first: size + random.int(0, 5), last: size + 10 }
    case 3:
      return { kind: 'ignored' }
    default:
      return { kind: 'closed', first, last: first + random.int(0, size) }
  }
}

function formatRange(random: Random, range: AskedRange): string {
  switch (range.kind) {
    case 'closed':
      return `bytes=${range.first}-${range.last}`
    case 'from':
      return `bytes=${range.first}-`
    case 'suffix':
      return `bytes=-${range.length}`
    default:
      return random.pick(['bytes=0-1,4-5', 'bytes=9-3', 'lines=1-2', 'bytes=x'])
  }
}

function writeRequest({ id, random, history, keys, size }: RequestOptions, key: number): ModelRequest {
  const target = `/${bucket}/key-${key}`
  const made = (): Version => history.make(key, size(random), drawCacheControl(random))
  switch (random.int(0, 10)) {
    case 10: {
      const seen = random.pick(history.of(key) as unknown as [Entry, ...Entry[]]).object
      const facts: WriteFacts = { kind: 'delete-version', key, version: seen?.version ?? 99_999 }
      const versioned = `${target}?versionId=${facts.version}`
      return finish(random, { id, method: 'DELETE', target: versioned, headers: [], body: undefined, facts })
    }
    case 0:
    case 1:
      return finish(random, {
        id,
        method: 'DELETE',
        target,
        headers: [],
        body: undefined,
        facts: { kind: 'delete', key },
      })
    case 2: {
      const headers = ['x-amz-copy-source', `/${bucket}/key-${key}`, 'x-amz-metadata-directive', 'REPLACE']
      return finish(random, { id, method: 'PUT', target, headers, body: undefined, facts: { kind: 'touch', key } })
    }
    case 3: {
      const chosen = [...new Set([key, random.int(0, keys - 1)])]
      // What the proxy cannot read, the store may still understand.
      const readable = random.chance(0.8)
      const list = chosen.map((each) => `<Object><Key>key-${each}</Key></Object>`).join('')
      const body = Buffer.from(readable ? `<Delete>${list}</Delete>` : `<Delete>${list}`)
      const facts: WriteFacts = { kind: 'delete-many', keys: chosen }
      return finish(random, { id, method: 'POST', target: `/${bucket}?delete`, headers: [], body, facts })
    }
    case 4: {
      const facts: WriteFacts = { kind: 'complete-upload', key, version: made() }
      const body = Buffer.from('<CompleteMultipartUpload/>')
      return finish(random, { id, method: 'POST', target: `${target}?uploadId=u`, headers: [], body, facts })
    }
    default: {
      const onlyIfAbsent = random.chance(0.15)
      const version = made()
      const headers = onlyIfAbsent ? ['If-None-Match', '*'] : []
      if (random.chance(0.2)) headers.push('Expect', '100-continue')
      const facts: WriteFacts = { kind: 'put', key, version, onlyIfAbsent }
      return finish(random, { id, method: 'PUT', target, headers, body: version.content, facts })
    }
  }
}

/** What uploaders say of how long others may keep their object. */
export function drawCacheControl(random: Random): string | undefined {
  if (random.chance(0.6)) return undefined
  return random.pick([
    'max-age=1',
    's-maxage=0, max-age=100',
    'no-cache',
    'no-store',
    'private',
    'public, max-age=9999',
  ])
}
