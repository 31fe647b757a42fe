import { headerValue, headerValues } from './headers.ts'
import type { RawHeaders } from './message.ts'

/** Options of {@link createAwsChunkedDecoder}. */
export interface AwsChunkedDecoderOptions {
  /** Longest line before a chunk, without its CR LF: a size and a signature. Default 1,024. */
  readonly maxLineBytes?: number
  /** Size of all trailer lines together. Default 8,192. */
  readonly maxTrailerBytes?: number
}

/** Why a body is not aws-chunked. */
export type AwsChunkedFault =
  | 'bad-chunk-size'
  | 'line-too-long'
  /** More bytes than `Number.MAX_SAFE_INTEGER`. */
  | 'size-overflow'
  /** A chunk is not followed by CR LF. */
  | 'bad-chunk-end'
  | 'bad-trailer'
  | 'trailers-too-large'
  /** Something other than line ends follows the end. */
  | 'bytes-after-end'
  /** The body ended before its last chunk. */
  | 'truncated'

/** How a body ended. `decodedBytes` is the number of data bytes found, to be compared with `x-amz-decoded-content-length`. */
export type AwsChunkedResult =
  /** Whole. `trailers` are as sent, without the trailer signature. */
  | { readonly kind: 'complete'; readonly decodedBytes: number; readonly trailers: RawHeaders }
  /** What was handed out must not be used. */
  | { readonly kind: 'broken'; readonly fault: AwsChunkedFault; readonly decodedBytes: number }

/** Takes the framing off one body. */
export interface AwsChunkedDecoder {
  /** Takes the next bytes of the body and gives the data among them, as views of `chunk`. After a fault always none. */
  push(chunk: Uint8Array): Uint8Array[]
  /** To be called when the body has ended; asked earlier, it answers `broken`. */
  end(): AwsChunkedResult
}

/**
 * Whether the body of a request is aws-chunked. Either header alone tells: some clients send no `Content-Encoding`.
 * Bytes are never looked at, since an object may look like a chunk itself.
 */
export function isAwsChunked(headers: RawHeaders): boolean {
  if (headerValue(headers, 'x-amz-content-sha256')?.startsWith('STREAMING-')) return true
  return headerValues(headers, 'content-encoding').some((value) =>
    value.split(',').some((coding) => coding.trim().toLowerCase() === 'aws-chunked'),
  )
}

const lf = 0x0a
const cr = 0x0d
const trailerSignature = 'x-amz-trailer-signature'
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

type Phase = 'size' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'after' | 'broken'

/**
 * A decoder for one body in `aws-chunked` coding: signed or unsigned chunks, with or without trailers
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html). Framing is
 * strict, for a wrong guess would store wrong bytes; signatures and checksums are not verified. It holds no more than
 * one line and the trailers.
 */
export function createAwsChunkedDecoder(options: AwsChunkedDecoderOptions = {}): AwsChunkedDecoder {
  const { maxLineBytes = 1024, maxTrailerBytes = 8192 } = options
  let phase: Phase = 'size'
  let fault: AwsChunkedFault = 'truncated'
  /** The line begun in earlier chunks, without its LF. */
  let line = ''
  let chunkBytesLeft = 0
  let announcedBytes = 0
  let decodedBytes = 0
  let trailerBytes = 0
  const trailers: string[] = []

  const broken = (why: AwsChunkedFault): Phase => {
    fault = why
    return 'broken'
  }

  /** Reads up to the next LF; answers the index after it. `complete` gets the line when it is all there. */
  const readLine = (chunk: Uint8Array, start: number, limit: number, complete: (text: string) => Phase): number => {
    const found = chunk.indexOf(lf, start)
    const end = found < 0 ? chunk.length : found
    // One more byte may be the CR.
    if (line.length + end - start > limit + 1) {
      phase = broken(phase === 'size' ? 'line-too-long' : 'trailers-too-large')
      return chunk.length
    }
    line += latin1(chunk, start, end)
    if (found < 0) return end
    const text = line
    line = ''
    phase = complete(text)
    return found + 1
  }

  const onSizeLine = (text: string): Phase => {
    const size = chunkSize(text)
    if (size === undefined) return broken('bad-chunk-size')
    announcedBytes += size
    if (!Number.isSafeInteger(announcedBytes)) return broken('size-overflow')
    chunkBytesLeft = size
    return size === 0 ? 'trailers' : 'data'
  }

  /** Some clients end a trailer with a bare LF (minio-go does), so the CR may be missing here. */
  const onTrailerLine = (text: string): Phase => {
    trailerBytes += text.length + 1
    const content = text.endsWith('\r') ? text.slice(0, -1) : text
    if (content === '') return 'after'
    const colon = content.indexOf(':')
    const name = content.slice(0, Math.max(0, colon))
    if (!fieldName.test(name)) return broken('bad-trailer')
    if (name.toLowerCase() !== trailerSignature) trailers.push(name, content.slice(colon + 1).trim())
    return 'trailers'
  }

  return {
    push(chunk) {
      const data: Uint8Array[] = []
      let index = 0
      while (index < chunk.length) {
        switch (phase) {
          case 'size':
            index = readLine(chunk, index, maxLineBytes, onSizeLine)
            break
          case 'data': {
            const end = Math.min(chunk.length, index + chunkBytesLeft)
            data.push(chunk.subarray(index, end))
            decodedBytes += end - index
            chunkBytesLeft -= end - index
            index = end
            if (chunkBytesLeft === 0) phase = 'data-cr'
            break
          }
          case 'data-cr':
            phase = chunk[index++] === cr ? 'data-lf' : broken('bad-chunk-end')
            break
          case 'data-lf':
            phase = chunk[index++] === lf ? 'size' : broken('bad-chunk-end')
            break
          case 'trailers':
            index = readLine(chunk, index, maxTrailerBytes - trailerBytes, onTrailerLine)
            break
          case 'after': {
            const byte = chunk[index++]
            if (byte !== cr && byte !== lf) phase = broken('bytes-after-end')
            break
          }
          case 'broken':
            return []
        }
      }
      return phase === 'broken' ? [] : data
    },
    end() {
      if (phase === 'after') return { kind: 'complete', decodedBytes, trailers }
      return { kind: 'broken', fault, decodedBytes }
    },
  }
}

/** The size that a line such as `10000;chunk-signature=…` + CR announces; undefined if it is none. */
function chunkSize(line: string): number | undefined {
  const match = /^([0-9a-fA-F]+)(?:;[\x20-\x7e]*)?\r$/.exec(line)
  // Beyond 2^53 the sum is no longer exact, which the caller sees; Infinity is caught there as well.
  return match === null ? undefined : Number.parseInt(match[1] ?? '', 16)
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}
