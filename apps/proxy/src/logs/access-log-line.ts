import { escapeQuoted, escapeToken, percentEncodeKey } from './escape.ts'
import { logOperation } from './log-operation.ts'
import { redactTarget } from './redact-target.ts'
import type { RequestRecord } from './request-record.ts'

/**
 * Makes a function that writes a request down in the format of S3 server access logs
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html), fields in its order, `-` for what is unknown
 * here, ended by a line break. One field follows those of S3, as the format allows: what the cache did, as `hit` or
 * `miss:reason`. The line is ASCII, and holds no credentials.
 */
export function createAccessLogFormatter(): (record: RequestRecord) => string {
  let second = Number.NaN
  let time = ''
  const timeOf = (ms: number): string => {
    const current = secondOf(ms)
    if (current !== second) {
      second = current
      time = formatTime(ms)
    }
    return time
  }
  // What is the same from one line to the next, as it is under load, is not put together again.
  const bucketAndTime = remembered(
    (a, b) => a.bucket === b.bucket && secondOf(a.startedAt) === secondOf(b.startedAt),
    ({ bucket, startedAt }) => `- ${optional(bucket)} [${timeOf(startedAt)}] `,
  )
  const client = remembered(
    (a, b) => a.remoteAddress === b.remoteAddress && a.requester === b.requester,
    ({ remoteAddress, requester }) => `${escapeToken(remoteAddress)} ${optional(requester)} `,
  )
  const what = remembered(sameWhat, (record) => `${logOperation(record)} ${keyAndTarget(record)} HTTP/1.1" `)
  const counts = remembered(sameCounts, formatCounts)
  const manner = remembered(sameManner, formatManner)
  return (record) =>
    `${bucketAndTime(record)}${client(record)}${idOf(record)} ${what(record)}${counts(record)}${manner(record)}`
}

/** Ids of our own making, which all are but in tests, need no closer look. */
function idOf({ requestId }: RequestRecord): string {
  for (let i = 0; i < requestId.length; i++) {
    const unit = requestId.charCodeAt(i)
    const isPlain = (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a)
    if (!isPlain) return escapeToken(requestId)
  }
  return requestId === '' ? '-' : requestId
}

/** `make`, which is only asked when what it looks at is other than before. */
function remembered(
  isSame: (a: RequestRecord, b: RequestRecord) => boolean,
  make: (record: RequestRecord) => string,
): (record: RequestRecord) => string {
  let last: RequestRecord | undefined
  let text = ''
  let isWhole = false
  return (record) => {
    if (last === undefined || !isSame(last, record)) {
      text = make(record)
      last = record
      isWhole = false
    } else if (!isWhole) {
      // Put together of pieces it would be taken apart whenever it is written.
      text = Buffer.from(text, 'latin1').toString('latin1')
      isWhole = true
    }
    return text
  }
}

function sameWhat(a: RequestRecord, b: RequestRecord): boolean {
  return (
    a.operation === b.operation &&
    a.scope === b.scope &&
    a.method === b.method &&
    a.key === b.key &&
    a.target === b.target
  )
}

function sameCounts(a: RequestRecord, b: RequestRecord): boolean {
  return (
    a.status === b.status &&
    a.errorCode === b.errorCode &&
    a.bytesSent === b.bytesSent &&
    a.objectSize === b.objectSize &&
    a.totalMs === b.totalMs &&
    a.turnaroundMs === b.turnaroundMs
  )
}

/** How a client asks and what the cache did. */
function sameManner(a: RequestRecord, b: RequestRecord): boolean {
  return (
    a.outcome === b.outcome &&
    a.reason === b.reason &&
    a.authType === b.authType &&
    a.signatureVersion === b.signatureVersion &&
    a.versionId === b.versionId &&
    a.hostHeader === b.hostHeader &&
    a.userAgent === b.userAgent &&
    a.referer === b.referer
  )
}

function formatCounts(record: RequestRecord): string {
  return (
    `${record.status === 0 ? '-' : record.status} ${optional(record.errorCode)} ` +
    `${record.bytesSent === 0 ? '-' : record.bytesSent} ${record.objectSize ?? '-'} ` +
    `${milliseconds(record.totalMs)} ${milliseconds(record.turnaroundMs)} `
  )
}

/** Nothing of this has to be escaped, redacted or encoded. */
const plain = /^[A-Za-z0-9\-._~/]{0,4096}$/

/** The key, and the request line up to its target. A target that needs a closer look is rare; most say the key as it is. */
function keyAndTarget({ key, method, target }: RequestRecord): string {
  const isPlain = plain.test(target) && (method === 'GET' || method === 'HEAD')
  const line = isPlain ? `"${method} ${target}` : `"${escapeQuoted(method)} ${escapeQuoted(redactTarget(target))}`
  if (key === undefined || key === '') return `- ${line}`
  return `${isPlain && target.endsWith(key) ? key : percentEncodeKey(key)} ${line}`
}

/** From the referer to the end of the line. */
function formatManner(record: RequestRecord): string {
  const { outcome, reason } = record
  const hostId = '-'
  const cipherSuite = '-'
  const tlsVersion = '-'
  const accessPointArn = '-'
  const aclRequired = '-'
  const sourceRegion = '-'
  return (
    `${quoted(record.referer === undefined ? undefined : redactTarget(record.referer))} ${quoted(record.userAgent)} ` +
    `${optional(record.versionId)} ${hostId} ${record.signatureVersion ?? '-'} ${cipherSuite} ` +
    `${record.authType ?? '-'} ${optional(record.hostHeader)} ${tlsVersion} ${accessPointArn} ${aclRequired} ` +
    `${sourceRegion} ${outcome === reason ? outcome : `${outcome}:${escapeToken(reason)}`}\n`
  )
}

function optional(value: string | undefined): string {
  return value === undefined ? '-' : escapeToken(value)
}

function quoted(value: string | undefined): string {
  return value === undefined || value === '' ? '"-"' : `"${escapeQuoted(value)}"`
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : String(Math.max(0, Math.round(value)))
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

function secondOf(ms: number): number {
  return Math.floor(ms / 1000)
}

/** `06/Feb/2019:00:00:38 +0000`. */
function formatTime(ms: number): string {
  const iso = new Date(ms).toISOString()
  const month = months[Number(iso.slice(5, 7)) - 1]
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`
}
