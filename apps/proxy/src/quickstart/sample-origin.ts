import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeRequestId } from '@s3proxy/protocol'
import { type SampleBucket, sampleAnswer } from './sample-answer.ts'

/** A small read-only S3 on the loopback, so that the quickstart needs no account. */
export interface SampleOrigin {
  readonly port: number
  close(): Promise<void>
}

/** Starts the origin on a free port of 127.0.0.1. */
export async function startSampleOrigin(bucket: SampleBucket): Promise<SampleOrigin> {
  const server = createServer((request, response) => {
    request.resume()
    const requestId = makeRequestId(Math.random)
    const head = { method: request.method ?? '', target: request.url ?? '/', headers: request.rawHeaders }
    const { status, headers, body } = sampleAnswer(bucket, head, requestId)
    response.writeHead(status, {
      ...headers,
      ...(status === 304 ? {} : { 'Content-Length': body.length }),
      Server: 's3proxy-samples',
      'x-amz-request-id': requestId,
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
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
