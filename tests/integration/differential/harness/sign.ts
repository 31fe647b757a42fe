import { createHash, createHmac } from 'node:crypto'
import { headerValue, type RawHeaders } from '@s3proxy/protocol'
import { type Credentials, createSigner, type RawRequest, type UnsignedRequest } from '@s3proxy/testkit'
import type { Auth, Probe } from './probe.ts'

/** Turns probes into requests. */
export type Sign = (probe: Probe) => Promise<RawRequest>

/** What signatures need to know. */
export interface SignOptions {
  readonly credentials: Credentials
  /** The store's own name; buckets may stand before it. */
  readonly host: string
}

const minuteMs = 60_000

/** Makes requests of probes, the same bytes for whoever they are sent to. */
export function createSign({ credentials, host: storeHost }: SignOptions): Sign {
  const wrongSecret = { ...credentials, secretAccessKey: 'not-the-secret' }
  const unknownKey = { accessKeyId: 'AKIANOBODYKNOWSME000', secretAccessKey: 'some-secret-or-other' }
  const v4 = createSigner({ credentials })
  const signers = {
    v4,
    'presigned-v4': v4,
    'expired-v4': createSigner({ credentials, now: () => Date.now() - 30 * minuteMs }),
    'skewed-v4': createSigner({ credentials, now: () => Date.now() - 30 * minuteMs }),
    'wrong-secret-v4': createSigner({ credentials: wrongSecret }),
    'wrong-secret-presigned': createSigner({ credentials: wrongSecret }),
    'unknown-key-v4': createSigner({ credentials: unknownKey }),
    'unknown-key-presigned': createSigner({ credentials: unknownKey }),
  }

  const sign = async (auth: Auth, request: UnsignedRequest): Promise<{ target: string; headers: RawHeaders }> => {
    switch (auth) {
      case 'anonymous':
        return request
      case 'v2':
        return signV2(request, credentials, storeHost)
      case 'wrong-secret-v2':
        return signV2(request, wrongSecret, storeHost)
      case 'presigned-v2':
        return presignV2(request, credentials, storeHost, Date.now() + 10 * minuteMs)
      case 'expired-v2':
        return presignV2(request, credentials, storeHost, Date.now() - 10 * minuteMs)
      case 'v4':
      case 'skewed-v4':
      case 'wrong-secret-v4':
      case 'unknown-key-v4':
        return { target: request.target, headers: await signers[auth].signRequest(request) }
      case 'presigned-v4':
      case 'expired-v4':
      case 'wrong-secret-presigned':
      case 'unknown-key-presigned':
        return { target: await signers[auth].presign(request, 600), headers: request.headers }
    }
  }

  return async (probe) => {
    const { method = 'GET', target, canonical, host = storeHost, auth = 'v4', form = 'origin', body, unsigned } = probe
    const { headers: own = [] } = probe
    const payloadHash =
      probe.payloadHash ?? (body === undefined ? undefined : createHash('sha256').update(body).digest('hex'))
    const framed =
      headerValue(own, 'transfer-encoding') !== undefined || headerValue(own, 'content-length') !== undefined
    const length = body === undefined || framed ? [] : ['Content-Length', String(body.length)]
    const signed = await sign(auth, {
      method,
      target: canonical ?? target,
      headers: ['Host', host, ...own, ...length],
      unsigned: new Set(unsigned ?? []),
      ...(payloadHash === undefined || auth.includes('presigned') ? {} : { payloadHash }),
    })
    const wire = canonical === undefined ? signed.target : target + signed.target.slice(canonical.length)
    return {
      method,
      target: form === 'absolute' ? `http://${host}${wire}` : wire,
      headers: signed.headers,
      ...(body === undefined ? {} : { body }),
    }
  }
}

/** Query parameters that a version 2 signature covers. */
const v2Parameters: ReadonlySet<string> = new Set([
  'acl',
  'partNumber',
  'tagging',
  'uploadId',
  'uploads',
  'versionId',
  'versions',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
])

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html */
function signV2(request: UnsignedRequest, credentials: Credentials, storeHost: string) {
  const date = new Date().toUTCString()
  const signature = signatureV2(request, credentials, storeHost, date)
  const authorization = `AWS ${credentials.accessKeyId}:${signature}`
  return { target: request.target, headers: [...request.headers, 'Date', date, 'Authorization', authorization] }
}

function presignV2(request: UnsignedRequest, credentials: Credentials, storeHost: string, expiresAt: number) {
  const expires = String(Math.floor(expiresAt / 1000))
  const signature = encodeURIComponent(signatureV2(request, credentials, storeHost, expires))
  const query = `AWSAccessKeyId=${credentials.accessKeyId}&Expires=${expires}&Signature=${signature}`
  return { target: `${request.target}${request.target.includes('?') ? '&' : '?'}${query}`, headers: request.headers }
}

function signatureV2(
  { method, target, headers }: UnsignedRequest,
  { secretAccessKey }: Credentials,
  storeHost: string,
  date: string,
): string {
  const host = headerValue(headers, 'host') ?? ''
  const bucket = host.endsWith(`.${storeHost}`) ? `/${host.slice(0, -storeHost.length - 1)}` : ''
  const [path = '', query = ''] = target.split('?')
  const covered = query
    .split('&')
    .filter((part) => v2Parameters.has(part.split('=')[0] ?? ''))
    .map((part) => decodeURIComponent(part))
    .sort()
  const resource = bucket + path + (covered.length === 0 ? '' : `?${covered.join('&')}`)
  const amz: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    if (name.startsWith('x-amz-')) amz.push(`${name}:${(headers[i + 1] as string).trim()}\n`)
  }
  const md5 = headerValue(headers, 'content-md5') ?? ''
  const type = headerValue(headers, 'content-type') ?? ''
  const text = `${method}\n${md5}\n${type}\n${date}\n${amz.sort().join('')}${resource}`
  return createHmac('sha1', secretAccessKey).update(text, 'latin1').digest('base64')
}
