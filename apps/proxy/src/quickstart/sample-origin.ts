import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  evaluateConditions,
  formatContentRange,
  formatHttpDate,
  formatS3Error,
  formatUnsatisfiedRange,
  headerValue,
  makeRequestId,
  parseQuery,
  parseRangeHeader,
  percentDecodeOnce,
  readConditions,
  resolveRange,
} from '@s3proxy/protocol'
import { listObjects } from './list-objects.ts'
import type { Sample } from './samples.ts'

/** A small read-only S3 on the loopback, so that the quickstart needs no account. */
export interface SampleOrigin {
  readonly port: number
  close(): Promise<void>
}

/** What it serves. */
export interface SampleOriginOptions {
  readonly bucket: string
  readonly samples: readonly Sample[]
  /** Last-Modified of every object, milliseconds since the epoch. */
  readonly lastModified: number
}

/** Starts the origin on a free port of 127.0.0.1. Signatures are not looked at: the samples are public. */
export async function startSampleOrigin(options: SampleOriginOptions): Promise<SampleOrigin> {
  const server = createServer((request, response) => answer(options, request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1' }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(options: SampleOriginOptions, request: IncomingMessage, response: ServerResponse): void {
  const requestId = makeRequestId(Math.random)
  response.setHeader('x-amz-request-id', requestId)
  response.setHeader('Server', 's3proxy-samples')
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2)
  const [bucket = '', key = ''] = splitPath(percentDecodeOnce(path))
  const fail = (status: number, code: string, message: string): void => {
    response.setHeader('Content-Type', 'application/xml')
    response.writeHead(status)
    response.end(request.method === 'HEAD' ? undefined : formatS3Error({ code, message, requestId, resource: path }))
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    request.resume()
    return fail(403, 'AccessDenied', 'The sample bucket is read-only.')
  }
  if (bucket !== options.bucket) return fail(404, 'NoSuchBucket', `The sample bucket is called ${options.bucket}.`)
  if (key === '') {
    response.setHeader('Content-Type', 'application/xml')
    response.end(listObjects(options, parseQuery(query)))
    return
  }
  const found = options.samples.find((candidate) => candidate.key === key)
  if (found === undefined) return fail(404, 'NoSuchKey', 'The specified key does not exist.')
  sendSample(found, options.lastModified, request, response, fail)
}

function splitPath(path: string): [bucket: string, key: string] {
  const slash = path.indexOf('/', 1)
  return slash === -1 ? [path.slice(1), ''] : [path.slice(1, slash), path.slice(slash + 1)]
}

function sendSample(
  { body, contentType, etag }: Sample,
  lastModified: number,
  request: IncomingMessage,
  response: ServerResponse,
  fail: (status: number, code: string, message: string) => void,
): void {
  const verdict = evaluateConditions(readConditions(request.rawHeaders), { etag, lastModified })
  response.setHeader('ETag', etag)
  response.setHeader('Last-Modified', formatHttpDate(lastModified))
  if (verdict.kind === 'precondition-failed')
    return fail(412, 'PreconditionFailed', `${verdict.condition} did not hold.`)
  if (verdict.kind === 'not-modified') {
    response.writeHead(304).end()
    return
  }
  const wanted = verdict.range === 'honour' ? headerValue(request.rawHeaders, 'range') : undefined
  const resolved =
    wanted === undefined ? { kind: 'whole' as const } : resolveRange(parseRangeHeader(wanted), body.length)
  if (resolved.kind === 'unsatisfiable') {
    response.setHeader('Content-Range', formatUnsatisfiedRange(body.length))
    return fail(416, 'InvalidRange', 'The requested range is not satisfiable')
  }
  const range = resolved.kind === 'range' ? resolved.range : { start: 0, end: body.length }
  if (resolved.kind === 'range') response.setHeader('Content-Range', formatContentRange(range, body.length))
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('Content-Type', contentType)
  response.setHeader('Content-Length', range.end - range.start)
  response.writeHead(resolved.kind === 'range' ? 206 : 200)
  response.end(request.method === 'HEAD' ? undefined : body.subarray(range.start, range.end))
}
