import { Sha256 } from '@aws-crypto/sha256-js'
import type { RawHeaders } from '@s3proxy/protocol'
import { SignatureV4 } from '@smithy/signature-v4'

/** An access key, as S3 knows it. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Who signs, for which region. */
export interface SignerOptions {
  readonly credentials: Credentials
  /** Default `us-east-1`. */
  readonly region?: string
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
}

/** A request about to be signed; `headers` must hold `Host`. */
export interface UnsignedRequest {
  readonly method: string
  /** Origin-form path and query as it will stand on the wire, percent-encoded. */
  readonly target: string
  readonly headers: RawHeaders
  /** SHA-256 in hex, or a literal such as `UNSIGNED-PAYLOAD`. Default: the hash of the empty body. */
  readonly payloadHash?: string
  /** Lower-case names that are to stay unsigned. Default none, apart from those SigV4 never signs. */
  readonly unsigned?: ReadonlySet<string>
}

/** Signs as AWS SDKs do (Signature Version 4). */
export interface Signer {
  /** The request's headers, in order, followed by the signature's own. */
  signRequest(request: UnsignedRequest): Promise<string[]>
  /** The target with a query signature for `expiresInSeconds` (default 3600). All `headers` given are signed. */
  presign(request: UnsignedRequest, expiresInSeconds?: number): Promise<string>
}

const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** A signer with fixed credentials. */
export function createSigner({ credentials, region = 'us-east-1', now = Date.now }: SignerOptions): Signer {
  const signature = new SignatureV4({ credentials, region, service: 's3', sha256: Sha256, uriEscapePath: false })
  return {
    async signRequest(request) {
      const headers = headerBag(request.headers)
      if (headers['x-amz-content-sha256'] === undefined) {
        headers['x-amz-content-sha256'] = request.payloadHash ?? emptyHash
      }
      const signed = await signature.sign(wireRequest(request, headers), {
        signingDate: new Date(now()),
        ...(request.unsigned === undefined ? {} : { unsignableHeaders: new Set(request.unsigned) }),
      })
      const added: string[] = []
      const given = headerBag(request.headers)
      for (const [name, value] of Object.entries(signed.headers)) {
        if (given[name] === undefined) added.push(name, value)
      }
      return [...request.headers, ...added]
    },
    async presign(request, expiresInSeconds = 3600) {
      const presigned = await signature.presign(
        wireRequest(request, {
          ...headerBag(request.headers),
          'x-amz-content-sha256': request.payloadHash ?? 'UNSIGNED-PAYLOAD',
        }),
        {
          signingDate: new Date(now()),
          expiresIn: expiresInSeconds,
          unhoistableHeaders: new Set(['x-amz-content-sha256', ...Object.keys(headerBag(request.headers))]),
          unsignableHeaders: new Set(['x-amz-content-sha256', ...(request.unsigned ?? [])]),
        },
      )
      const { path } = splitTarget(request.target)
      return `${path}?${formatQuery(presigned.query ?? {})}`
    },
  }
}

type QueryBag = Record<string, string | string[]>

function wireRequest(request: UnsignedRequest, headers: Record<string, string>) {
  const { path, query } = splitTarget(request.target)
  return {
    method: request.method,
    protocol: 'http:',
    hostname: headers['host'] ?? '',
    path,
    query: queryBag(query),
    headers,
  }
}

function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?')
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

/** Lower-case names; the values of a repeated header are joined with a comma, as SigV4 wants. */
function headerBag(headers: RawHeaders): Record<string, string> {
  const bag: Record<string, string> = {}
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    const value = (headers[i + 1] as string).trim()
    const earlier = bag[name]
    bag[name] = earlier === undefined ? value : `${earlier},${value}`
  }
  return bag
}

function queryBag(query: string): QueryBag {
  const bag: QueryBag = {}
  for (const part of query.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decodeURIComponent(equals < 0 ? part : part.slice(0, equals))
    const value = equals < 0 ? '' : decodeURIComponent(part.slice(equals + 1))
    const earlier = bag[name]
    bag[name] = earlier === undefined ? value : [...(Array.isArray(earlier) ? earlier : [earlier]), value]
  }
  return bag
}

function formatQuery(bag: Record<string, string | readonly string[] | null>): string {
  const parts: string[] = []
  for (const [name, values] of Object.entries(bag)) {
    for (const value of Array.isArray(values) ? values : [values ?? '']) {
      parts.push(`${escapeUri(name)}=${escapeUri(String(value))}`)
    }
  }
  return parts.join('&')
}

function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
