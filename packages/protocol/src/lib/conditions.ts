import { type EntityTag, parseEntityTag, parseEntityTagList, strongMatch, weakMatch } from './etag.ts'
import { parseHttpDate } from './http-date.ts'
import type { RawHeaders } from './message.ts'

/** The conditional fields of a request, as sent (RFC 9110 section 13.1); a repeated field is joined with `, `. */
export interface Conditions {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
  readonly ifModifiedSince?: string | undefined
  readonly ifUnmodifiedSince?: string | undefined
  readonly ifRange?: string | undefined
}

/** The validators of the representation that conditions are judged against. */
export interface Validators {
  /** The `ETag` field as the store sent it. */
  readonly etag: string
  /** `Last-Modified` in milliseconds since the epoch. If undefined, conditions on a date are ignored. */
  readonly lastModified: number | undefined
}

/** What a GET or HEAD under conditions gets. */
export type ConditionOutcome =
  /** Answer normally; `ignore`: as if there were no `Range` field, because `If-Range` is false. */
  | { readonly kind: 'proceed'; readonly range: 'honour' | 'ignore' }
  /** Answer 304. */
  | { readonly kind: 'not-modified' }
  /** Answer 412. S3 names the condition in the error's body. */
  | { readonly kind: 'precondition-failed'; readonly condition: 'If-Match' | 'If-Unmodified-Since' }

const none: Conditions = {}
const proceed: ConditionOutcome = { kind: 'proceed', range: 'honour' }
const proceedWhole: ConditionOutcome = { kind: 'proceed', range: 'ignore' }
const notModified: ConditionOutcome = { kind: 'not-modified' }
const ifMatchFailed: ConditionOutcome = { kind: 'precondition-failed', condition: 'If-Match' }
const ifUnmodifiedSinceFailed: ConditionOutcome = { kind: 'precondition-failed', condition: 'If-Unmodified-Since' }

const members: ReadonlyMap<string, keyof Conditions> = new Map([
  ['if-match', 'ifMatch'],
  ['if-none-match', 'ifNoneMatch'],
  ['if-modified-since', 'ifModifiedSince'],
  ['if-unmodified-since', 'ifUnmodifiedSince'],
  ['if-range', 'ifRange'],
])

/** Collects the conditional fields of a request. */
export function readConditions(headers: RawHeaders): Conditions {
  let found: { -readonly [Name in keyof Conditions]: string } | undefined
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string
    if (name.charCodeAt(2) !== 0x2d /* - */ || (name.charCodeAt(0) | 0x20) !== 0x69 /* i */) continue
    const member = members.get(name.toLowerCase())
    if (member === undefined) continue
    found ??= {}
    const earlier = found[member]
    const value = headers[i + 1] as string
    found[member] = earlier === undefined ? value : `${earlier}, ${value}`
  }
  return found ?? none
}

/** Whether there is any condition at all. */
export function hasConditions(conditions: Conditions): boolean {
  return (
    conditions !== none &&
    (conditions.ifMatch ??
      conditions.ifNoneMatch ??
      conditions.ifModifiedSince ??
      conditions.ifUnmodifiedSince ??
      conditions.ifRange) !== undefined
  )
}

/**
 * Judges the conditions of a GET or HEAD in the order of RFC 9110 section 13.2.2, before any `Range` is looked at.
 * Dates that cannot be read are ignored and others are compared by whole seconds.
 */
export function evaluateConditions(conditions: Conditions, validators: Validators): ConditionOutcome {
  if (conditions === none) return proceed
  const current = parseEntityTag(validators.etag)
  const modified = wholeSeconds(validators.lastModified)

  if (conditions.ifMatch !== undefined) {
    if (!lists(conditions.ifMatch, current, strongMatch)) return ifMatchFailed
  } else if (conditions.ifUnmodifiedSince !== undefined) {
    if (isLater(modified, conditions.ifUnmodifiedSince) === true) return ifUnmodifiedSinceFailed
  }

  if (conditions.ifNoneMatch !== undefined) {
    if (lists(conditions.ifNoneMatch, current, weakMatch)) return notModified
  } else if (conditions.ifModifiedSince !== undefined) {
    if (isLater(modified, conditions.ifModifiedSince) === false) return notModified
  }

  if (conditions.ifRange === undefined) return proceed
  return rangeStillValid(conditions.ifRange, current, modified) ? proceed : proceedWhole
}

type Compare = (a: EntityTag, b: EntityTag) => boolean

function lists(value: string, current: EntityTag | undefined, matches: Compare): boolean {
  const list = parseEntityTagList(value)
  if (list.kind === 'any') return true
  return current !== undefined && list.tags.some((tag) => matches(tag, current))
}

function wholeSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.floor(ms / 1000)
}

/** Whether `modified` (seconds) is after the date in `value`; undefined if either is not known. */
function isLater(modified: number | undefined, value: string): boolean | undefined {
  const limit = wholeSeconds(parseHttpDate(value))
  return limit === undefined || modified === undefined ? undefined : modified > limit
}

/** `If-Range` holds one strong entity tag, or a date that must be exactly the last change (RFC 9110 section 13.1.5). */
function rangeStillValid(value: string, current: EntityTag | undefined, modified: number | undefined): boolean {
  const date = wholeSeconds(parseHttpDate(value))
  if (date !== undefined) return date === modified
  const tag = parseEntityTag(value)
  return tag !== undefined && current !== undefined && strongMatch(tag, current)
}
