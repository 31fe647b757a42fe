import { crc32 } from 'node:zlib'
import type { Representation } from './cache-store.ts'

/** A representation as it is stored, small objects with their whole body. */
export interface StoredRecord {
  readonly representation: Representation
  readonly body: Uint8Array | undefined
}

export type DecodedRecord =
  | { readonly kind: 'record'; readonly record: StoredRecord }
  | { readonly kind: 'corrupt'; readonly reason: string }

/*
 * The frame, little-endian:
 *
 *   0  4  magic "S3PR"
 *   4  1  version, 1
 *   5  1  flags: 1 = a body follows
 *   6  2  zero
 *   8  4  bytes of description
 *  12  4  bytes of body
 *  16  4  CRC-32 of the body
 *  20  4  CRC-32 of bytes 0 to 20 and the description
 *  24     the description: JSON; every character above 0x7e and every control character escaped
 *         the body
 */
const headBytes = 24
const magic = Buffer.from('S3PR', 'latin1')
const version = 1
const hasBody = 1

/** Characters of a byte that JSON escapes: a backslash, `u` and four digits. */
const longestEscape = 6

/** Upper bound of a description. S3 limits a head to some 16 KiB; escapes and other stores need more. */
export const maxDescriptionBytes = 256 * 1024

/** Upper bound of an embedded body, whatever the options say: a record is read in one go. */
export const maxEmbeddedBytes = 1024 * 1024

/** Upper bound of a whole record file. */
export const maxRecordBytes = headBytes + maxDescriptionBytes + maxEmbeddedBytes

/** Upper bound of the record file of `representation` without a body. */
export function maxRecordFileBytes({ key, etag, headers }: Representation): number {
  let characters = key.length + etag.length
  for (const text of headers) characters += text.length + 1
  return headBytes + 128 + characters * longestEscape
}

/** The record file of `record`. The caller keeps to {@link maxDescriptionBytes} and {@link maxEmbeddedBytes}. */
export function encodeRecord({ representation, body }: StoredRecord): Buffer {
  const { key, etag, size, headers, checksums } = representation
  const description = Buffer.from(toAscii(JSON.stringify({ key, etag, size, headers, checksums })), 'latin1')
  const bodyBytes = body?.length ?? 0
  const file = Buffer.allocUnsafeSlow(headBytes + description.length + bodyBytes)
  magic.copy(file)
  file.writeUInt8(version, 4)
  file.writeUInt8(body === undefined ? 0 : hasBody, 5)
  file.writeUInt16LE(0, 6)
  file.writeUInt32LE(description.length, 8)
  file.writeUInt32LE(bodyBytes, 12)
  file.writeUInt32LE(body === undefined ? 0 : crc32(body), 16)
  file.writeUInt32LE(crc32(description, crc32(file.subarray(0, 20))), 20)
  description.copy(file, headBytes)
  if (body !== undefined) file.set(body, headBytes + description.length)
  return file
}

/** Reads a record file back. `file` is hostile: anything but one whole, well-formed record is `corrupt`. */
export function decodeRecord(file: Buffer): DecodedRecord {
  if (file.length < headBytes) return corrupt('shorter than its head')
  if (magic.compare(file, 0, 4) !== 0) return corrupt('no record')
  if (file.readUInt8(4) !== version) return corrupt('unknown version')
  const descriptionBytes = file.readUInt32LE(8)
  const bodyBytes = file.readUInt32LE(12)
  if (file.length !== headBytes + descriptionBytes + bodyBytes) return corrupt('wrong length')
  const description = file.subarray(headBytes, headBytes + descriptionBytes)
  if (crc32(description, crc32(file.subarray(0, 20))) !== file.readUInt32LE(20)) return corrupt('wrong checksum')
  const representation = parseDescription(description.toString('latin1'))
  if (representation === undefined) return corrupt('malformed description')
  if ((file.readUInt8(5) & hasBody) === 0) {
    return bodyBytes === 0 ? { kind: 'record', record: { representation, body: undefined } } : corrupt('stray bytes')
  }
  const body = file.subarray(headBytes + descriptionBytes)
  if (body.length !== representation.size) return corrupt('body of another length')
  if (crc32(body) !== file.readUInt32LE(16)) return corrupt('wrong body checksum')
  return { kind: 'record', record: { representation, body } }
}

function corrupt(reason: string): DecodedRecord {
  return { kind: 'corrupt', reason }
}

/** JSON with one byte per character, so that lengths are counted in characters. */
function toAscii(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function parseDescription(text: string): Representation | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { key, etag, size, headers, checksums } = value as Record<keyof Representation, unknown>
  if (typeof key !== 'string' || typeof etag !== 'string' || typeof checksums !== 'boolean') return undefined
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined
  if (!Array.isArray(headers) || headers.length % 2 !== 0) return undefined
  if (!headers.every((field): field is string => typeof field === 'string')) return undefined
  return { key, etag, size, headers, checksums }
}
