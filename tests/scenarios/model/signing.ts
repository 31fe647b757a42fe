import type { RawHeaders } from '@s3proxy/protocol'
import type { Random } from './random.ts'
import type { ModelRequest } from './requests.ts'

/** How a request is signed; the signature itself is never checked, only that what it covers arrives as it was sent. */
export interface Signing {
  /** Lower-case names of the fields that must arrive as they were sent. */
  readonly signedNames: readonly string[]
}

const scope = 'AKIAMODEL/20260101/us-east-1/s3/aws4_request'
const signature = 'f'.repeat(64)
const framing: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])

/** Signs a request as some client would: everything, as SDKs do, or the host alone, in a header or in the URL, or not. */
export function sign(random: Random, request: Omit<ModelRequest, 'signing'>): ModelRequest {
  const all = fieldNames(request.headers).filter((name) => !framing.has(name))
  const plain = all.filter((name) => name === 'host' || name.startsWith('x-'))
  const date = ['x-amz-date', '20260101T000000Z']
  const inHeader = (names: readonly string[]): ModelRequest => {
    const signed = [...names, 'x-amz-date'].sort()
    const value = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${signed.join(';')}, Signature=${signature}`
    return {
      ...request,
      headers: [...request.headers, ...date, 'Authorization', value],
      signing: { signedNames: signed },
    }
  }
  switch (random.int(0, 4)) {
    case 0:
    case 1:
      return inHeader(all)
    case 2:
      return inHeader(plain)
    case 3: {
      const mark = request.target.includes('?') ? '&' : '?'
      const target =
        `${request.target}${mark}X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(scope)}` +
        `&X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}`
      return { ...request, target, signing: { signedNames: ['host'] } }
    }
    default:
      return { ...request, signing: { signedNames: ['host'] } }
  }
}

function fieldNames(headers: RawHeaders): string[] {
  const names = new Set<string>()
  for (let i = 0; i + 1 < headers.length; i += 2) names.add((headers[i] ?? '').toLowerCase())
  return [...names]
}
