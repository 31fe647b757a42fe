import type { SmallObject } from '@s3proxy/cache-store/testing'

/** Bytes of the body of a small object. */
export const smallBytes = 1024

export function smallKey(index: number): string {
  return `aws/bench/datasets/images/thumbnails/${String(index).padStart(9, '0')}.jpg`
}

const confirmedAt = Date.now()

/** The small object of a number: a kilobyte with the headers S3 sends. */
export function smallObject(index: number): SmallObject {
  const body = Buffer.alloc(smallBytes, index)
  body.writeUInt32LE(index)
  const etag = `"${index.toString(16).padStart(32, '0')}"`
  const headers = [
    ...['x-amz-id-2', 'p1yhJf9RZy4bV0xTqz4cUQ0m0WbXl8n0b7y2m4mHkqv1p0o8Q1m6o3B1uYxJc2iN', 'ETag', etag],
    ...['Last-Modified', 'Tue, 24 Nov 2026 12:00:00 GMT', 'Content-Type', 'image/jpeg', 'Server', 'AmazonS3'],
  ]
  return {
    representation: { key: smallKey(index), etag, size: smallBytes, headers, checksums: false },
    body,
    usedAt: confirmedAt + (index % 1000) * 1000 - 1_000_000,
    validatedAt: confirmedAt - 1_000_000,
  }
}

/** Whole numbers below `count`, spread evenly, the same on each run. */
export function createPicker(count: number, seed = 1): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return Math.floor(((state >>> 0) / 2 ** 32) * count)
  }
}
