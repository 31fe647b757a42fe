import { createHash } from 'node:crypto'

/** An object of the embedded origin. */
export interface Sample {
  readonly key: string
  readonly contentType: string
  readonly body: Uint8Array
  /** With its quotes: the MD5 of the body, as S3 has it for single-part objects. */
  readonly etag: string
}

const greeting = `Hello from s3proxy.

The first read of this object came from the store, the next ones come from the cache.
`

const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60" width="360" height="180">
  <rect width="120" height="60" rx="6" fill="#f4f1ea"/>
  <g font-family="sans-serif" font-size="7" text-anchor="middle" fill="#22313f">
    <circle cx="20" cy="30" r="12" fill="#cfe3d4"/><text x="20" y="32.5">client</text>
    <circle cx="60" cy="30" r="12" fill="#f2c879"/><text x="60" y="32.5">s3proxy</text>
    <circle cx="100" cy="30" r="12" fill="#cbd7ea"/><text x="100" y="32.5">S3</text>
  </g>
  <path d="M33 30h13M73 30h13" stroke="#22313f" stroke-width="1.5"/>
</svg>
`

function sample(key: string, contentType: string, body: Uint8Array): Sample {
  return { key, contentType, body, etag: `"${createHash('md5').update(body).digest('hex')}"` }
}

/** 8 MiB that compress badly and are the same everywhere: a chain of SHA-256 digests. */
function noise(bytes: number): Uint8Array {
  const body = Buffer.alloc(bytes)
  let digest = createHash('sha256').update('s3proxy').digest()
  for (let offset = 0; offset < bytes; offset += digest.length) {
    digest.copy(body, offset)
    digest = createHash('sha256').update(digest).digest()
  }
  return body
}

/** The objects of the sample bucket. */
export function createSamples(): readonly Sample[] {
  return [
    sample('hello.txt', 'text/plain; charset=utf-8', Buffer.from(greeting)),
    sample('picture.svg', 'image/svg+xml', Buffer.from(picture)),
    sample('data/eight-mebibytes.bin', 'application/octet-stream', noise(8 << 20)),
  ]
}
