import { createHmac } from 'node:crypto'
import type { Credentials } from '@s3proxy/testkit'

/** A form as a browser sends it. */
export interface UploadForm {
  readonly body: Uint8Array
  /** Its `Content-Type`. */
  readonly type: string
}

/**
 * A form that uploads `key` into a folder, which may be empty.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function uploadForm({ accessKeyId, secretAccessKey }: Credentials, bucket: string, folder: string): UploadForm {
  const amzDate = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const date = amzDate.slice(0, 8)
  const credential = `${accessKeyId}/${date}/us-east-1/s3/aws4_request`
  const fields = {
    key: `${folder}\${filename}`,
    'Content-Type': 'text/plain',
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': credential,
    'x-amz-date': amzDate,
  }
  const policy = Buffer.from(
    JSON.stringify({
      expiration: new Date(Date.now() + 600_000).toISOString(),
      conditions: [
        { bucket },
        ['starts-with', '$key', folder],
        ['starts-with', '$Content-Type', ''],
        ...Object.entries(fields)
          .filter(([name]) => name.startsWith('x-amz'))
          .map(([name, value]) => ({ [name]: value })),
      ],
    }),
  ).toString('base64')
  const hmac = (secret: string | Buffer, data: string): Buffer => createHmac('sha256', secret).update(data).digest()
  const signing = [date, 'us-east-1', 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  const all = { ...fields, policy, 'x-amz-signature': hmac(signing, policy).toString('hex') }
  const boundary = 'form-boundary'
  const parts = Object.entries(all).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const file = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="key"\r\n\r\nnew bytes\r\n--${boundary}--\r\n`
  return { body: Buffer.from(parts.join('') + file), type: `multipart/form-data; boundary=${boundary}` }
}
