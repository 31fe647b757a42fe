import { hash } from 'node:crypto'
import { join } from 'node:path'
import type { ByteRange } from '@s3proxy/protocol'
import type { Representation } from '../cache-store.ts'

/** Where everything is under a cache directory. The only place that joins paths. */
export interface Layout {
  /** The cache directory itself. */
  readonly directory: string
  /** Says that the directory is a cache, and of which format. */
  readonly markerFile: string
  /** Everything of this format version. */
  readonly root: string
  /** Files that are not whole yet. */
  readonly temporaries: string
  /** A hint of the bytes that shares of the cache take. */
  readonly sharesFile: string
  /** How far the verification in the background has come. */
  readonly scrubFile: string
  /** The account of the bytes in use, one file per state. */
  readonly ledger: string
  generation(number: number): string
  /** A state that is not whole yet. */
  ledgerTemporary(name: string): string
  /** What the instances that share the directory tell each other. */
  readonly reports: string
  report(life: string): string
  /** Marks of writes that concerned whole buckets. */
  readonly bucketMarks: string
  temporary(name: string): string
  /** Where the marker is written before it is whole. */
  markerTemporary(name: string): string
  /** `shard` is one of {@link shards}. */
  shard(shard: string): string
  /** A second-level directory. */
  bucket(shard: string, bucket: string): string
  /** The directories that hold the key's. */
  shardOf(keyHash: string): string
  bucketOf(keyHash: string): string
  /** The directory of one key. */
  key(keyHash: string): string
  record(keyHash: string): string
  /** The record that is being replaced: who gives it this name accounts for its bytes. */
  replacedRecord(keyHash: string): string
  /** A file in a key's directory. */
  file(keyHash: string, name: string): string
}

export const markerName = 's3proxy-cache.json'
export const recordName = 'record'

/** The 256 first-level directories. */
export const shards: readonly string[] = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'))

export function createLayout(directory: string): Layout {
  const root = join(directory, 'v1')
  const temporaries = join(root, 'tmp')
  const key = (keyHash: string): string => join(root, keyHash.slice(0, 2), keyHash.slice(2, 4), keyHash)
  return {
    directory,
    markerFile: join(directory, markerName),
    root,
    temporaries,
    sharesFile: join(root, 'shares.json'),
    scrubFile: join(root, 'scrub.json'),
    ledger: join(root, 'ledger'),
    generation: (number) => join(root, 'ledger', String(number).padStart(16, '0')),
    ledgerTemporary: (name) => join(root, 'ledger', name),
    reports: join(root, 'instances'),
    bucketMarks: join(root, 'bucket-marks'),
    report: (life) => join(root, 'instances', life),
    temporary: (name) => join(temporaries, name),
    markerTemporary: (name) => join(directory, `${markerName}.${name}`),
    shard: (shard) => join(root, shard),
    shardOf: (keyHash) => join(root, keyHash.slice(0, 2)),
    bucketOf: (keyHash) => join(root, keyHash.slice(0, 2), keyHash.slice(2, 4)),
    bucket: (shard, bucket) => join(root, shard, bucket),
    key,
    record: (keyHash) => join(key(keyHash), recordName),
    replacedRecord: (keyHash) => join(key(keyHash), 'record.replaced'),
    file: (keyHash, name) => join(key(keyHash), name),
  }
}

/** Of keys asked for lately: what is read often is asked for with every request that the origin is to confirm. */
const remembered = new Map<string, string>()
const maxRemembered = 1024
/** S3 has no longer keys; whoever asks for one is not to fill memory with it. */
const maxRememberedLength = 1100

/** The directory name of a key: SHA-256 of its bytes in hex. */
export function hashKey(key: string): string {
  const known = remembered.get(key)
  if (known !== undefined) return known
  const name = hash('sha256', Buffer.from(key, 'latin1'), 'hex')
  if (key.length > maxRememberedLength) return name
  if (remembered.size >= maxRemembered) remembered.clear()
  remembered.set(key, name)
  return name
}

/** Names the representation an extent file belongs to: 16 hex digits. The file itself says it in full. */
export function representationId(representation: Representation): string {
  return hash('sha256', Buffer.from(`${representation.etag}|${representation.size}`, 'latin1'), 'hex').slice(0, 16)
}

/** `packedBytes`: the length of the file, if it is compressed. */
export function formatExtentName(id: string, range: ByteRange, packedBytes?: number): string {
  const stem = `${id}.${range.start}-${range.end}`
  return packedBytes === undefined ? `${stem}.x` : `${stem}.${packedBytes}.z`
}

const extentName = /^([0-9a-f]{16})\.(0|[1-9]\d{0,15})-([1-9]\d{0,15})\.(?:x|([1-9]\d{0,15})\.z)$/

/** What the name of an extent file says. */
export interface ExtentName {
  readonly id: string
  readonly range: ByteRange
  /** The length of a compressed file; undefined: it is not compressed. */
  readonly packedBytes: number | undefined
}

/** What an extent file's name says; undefined for any other name. */
export function parseExtentName(name: string): ExtentName | undefined {
  const match = extentName.exec(name)
  if (match === null) return undefined
  const start = Number(match[2])
  const end = Number(match[3])
  const packedBytes = match[4] === undefined ? undefined : Number(match[4])
  if (start >= end || !Number.isSafeInteger(end) || !Number.isSafeInteger(packedBytes ?? 0)) return undefined
  return { id: match[1] as string, range: { start, end }, packedBytes }
}

export function isShardName(name: string): boolean {
  return /^[0-9a-f]{2}$/.test(name)
}

/** Whether a name is that of a state of the ledger. */
export function isGeneration(name: string): boolean {
  return /^\d{16}$/.test(name)
}

export function isKeyHash(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name)
}
