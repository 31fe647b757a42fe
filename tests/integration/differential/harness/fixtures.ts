import { patternContent } from '@s3proxy/testkit'
import { tell } from './store-client.ts'
import type { World } from './world.ts'

/** Of an object with all that a browser cares about. */
export const textHeaders = [
  'Content-Type',
  'text/plain; charset=utf-8',
  'Cache-Control',
  'max-age=60, public',
  'Content-Disposition',
  'attachment; filename="a.txt"',
  'Content-Language',
  'en, de',
  'Expires',
  'Fri, 01 Jan 2100 00:00:00 GMT',
  'x-amz-meta-colour',
  'blue',
]

/** `size` bytes, the same every time. */
export function bytesOf(size: number, seed = 1): Uint8Array {
  return patternContent(size, seed).slice(0, size)
}

/** Fills the store with what most tables read: `/plain/text`, private, and `/public/text`, 1,000 bytes each. */
export async function makeFixtures(world: World): Promise<void> {
  const put = (target: string, body: Uint8Array, headers: readonly string[] = []) =>
    tell(world, { method: 'PUT', target, body, headers })
  for (const bucket of ['plain', 'public']) {
    await tell(world, { method: 'PUT', target: `/${bucket}` })
    await put(`/${bucket}/text`, bytesOf(1000), textHeaders)
  }
  await put('/public?policy', Buffer.from(publicPolicy('public')))
}

/** Lets anybody read, write and list. */
export function publicPolicy(bucket: string): string {
  const resource = `arn:aws:s3:::${bucket}`
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: '*', Action: ['s3:GetObject', 's3:PutObject'], Resource: `${resource}/*` },
      { Effect: 'Allow', Principal: '*', Action: 's3:ListBucket', Resource: resource },
    ],
  })
}
