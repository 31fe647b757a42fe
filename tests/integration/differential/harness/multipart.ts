import { headerValue, type RawHeaders } from '@s3proxy/protocol'
import type { HttpAnswer } from '@s3proxy/testkit'
import type { Probe } from './probe.ts'
import { elementText, tell } from './store-client.ts'
import type { World } from './world.ts'

/** An object to upload in parts. */
export interface MultipartOptions {
  readonly target: string
  /** Of the object. */
  readonly headers?: RawHeaders
  /** All but the last at least 5 MiB. */
  readonly parts: readonly Uint8Array[]
  /** Headers of each part's upload. */
  readonly partHeaders?: (index: number) => RawHeaders
  /** An element for each part of the list that completes the upload. */
  readonly partElement?: (index: number) => string
  readonly completeHeaders?: RawHeaders
}

/** Uploads an object in parts straight to the store. */
export async function uploadParts(world: World, options: MultipartOptions): Promise<void> {
  await tell(world, await beginParts(world, options))
}

/** Uploads the parts; gives the request that completes the upload. */
export async function beginParts(world: World, options: MultipartOptions): Promise<Probe> {
  const { target, headers = [], parts, partHeaders, partElement, completeHeaders = [] } = options
  const begun = await tell(world, { method: 'POST', target: `${target}?uploads`, headers })
  const id = elementText(begun.body, 'UploadId')
  const listed: string[] = []
  for (const [index, body] of parts.entries()) {
    const number = index + 1
    const uploaded: HttpAnswer = await tell(world, {
      method: 'PUT',
      target: `${target}?partNumber=${number}&uploadId=${id}`,
      headers: partHeaders?.(index) ?? [],
      body,
    })
    const etag = headerValue(uploaded.headers, 'etag') ?? ''
    const more = partElement?.(index) ?? ''
    listed.push(`<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>${more}</Part>`)
  }
  const body = Buffer.from(`<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`)
  return { method: 'POST', target: `${target}?uploadId=${id}`, headers: completeHeaders, body }
}
