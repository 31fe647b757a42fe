import { createSigner } from '@s3proxy/testkit'
import { storeHost } from './object-name.ts'

/** Half-open; undefined: the whole object. */
type Range = { readonly start: number; readonly end: number } | undefined

/** The credentials of the example in the documentation of S3. */
const signer = createSigner({
  credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
})

/** The headers of a GET as AWS SDKs send it: a Signature Version 4 that covers `Range`, if there is one. */
export async function signedHeaders(path: string, range: Range): Promise<readonly string[]> {
  return signer.signRequest({
    method: 'GET',
    target: path,
    headers: [
      'Host',
      storeHost,
      'User-Agent',
      'bench',
      ...(range === undefined ? [] : ['Range', `bytes=${range.start}-${range.end - 1}`]),
    ],
  })
}

/** The head of such a GET, as it goes out. */
export async function signedHead(path: string, range: Range): Promise<string> {
  const headers = await signedHeaders(path, range)
  let head = `GET ${path} HTTP/1.1\r\n`
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  return `${head}\r\n`
}
