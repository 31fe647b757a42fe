import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ConditionOutcome,
  type Conditions,
  evaluateConditions,
  hasConditions,
  readConditions,
} from './conditions.ts'

const etag = '"9b2cf535f27731c974343645a3985328"'
const lastModified = Date.UTC(2024, 4, 1, 12, 0, 0)
const before = 'Wed, 01 May 2024 11:59:59 GMT'
const same = 'Wed, 01 May 2024 12:00:00 GMT'
const after = 'Wed, 01 May 2024 12:00:01 GMT'
const validators = { etag, lastModified }

const proceed: ConditionOutcome = { kind: 'proceed', range: 'honour' }
const ignoreRange: ConditionOutcome = { kind: 'proceed', range: 'ignore' }
const notModified: ConditionOutcome = { kind: 'not-modified' }
const ifMatchFailed: ConditionOutcome = { kind: 'precondition-failed', condition: 'If-Match' }
const ifUnmodifiedSinceFailed: ConditionOutcome = { kind: 'precondition-failed', condition: 'If-Unmodified-Since' }

describe('readConditions', () => {
  it('finds the fields in any case', () => {
    const headers = [
      ...['IF-MATCH', 'a', 'If-None-Match', 'b', 'if-modified-since', 'c', 'If-Unmodified-Since', 'd', 'If-Range', 'e'],
    ]
    expect(readConditions(headers)).toEqual({
      ifMatch: 'a',
      ifNoneMatch: 'b',
      ifModifiedSince: 'c',
      ifUnmodifiedSince: 'd',
      ifRange: 'e',
    })
  })

  it('joins a field sent twice and passes over the others', () => {
    expect(
      readConditions(['If-None-Match', '"a"', 'if-', 'x', 'if-none-match', '"b"', 'IfxMatch', 'x', '', '']),
    ).toEqual({
      ifNoneMatch: '"a", "b"',
    })
  })
})

describe('hasConditions', () => {
  it.each([
    [['Host', 'a', 'Range', 'bytes=0-1', 'If-Something', 'x'], false],
    [[], false],
    [['If-Match', ''], true],
    [['If-None-Match', '*'], true],
    [['If-Modified-Since', same], true],
    [['If-Unmodified-Since', same], true],
    [['If-Range', etag], true],
  ])('%j: %s', (headers, expected) => {
    expect(hasConditions(readConditions(headers))).toBe(expected)
  })

  it('does not count undefined members', () => {
    expect(hasConditions({ ifMatch: undefined })).toBe(false)
  })
})

describe('evaluateConditions', () => {
  it.each<[string, Conditions, ConditionOutcome]>([
    ['nothing', {}, proceed],

    ['If-Match: the same', { ifMatch: etag }, proceed],
    ['If-Match: unquoted, as the AWS CLI sends it', { ifMatch: etag.slice(1, -1) }, proceed],
    ['If-Match: in a list', { ifMatch: `"x", ${etag}` }, proceed],
    ['If-Match: any', { ifMatch: '*' }, proceed],
    ['If-Match: another', { ifMatch: '"x"' }, ifMatchFailed],
    ['If-Match: the same but weak', { ifMatch: `W/${etag}` }, ifMatchFailed],
    ['If-Match: empty', { ifMatch: '' }, ifMatchFailed],

    ['If-Unmodified-Since: later', { ifUnmodifiedSince: after }, proceed],
    ['If-Unmodified-Since: the same', { ifUnmodifiedSince: same }, proceed],
    ['If-Unmodified-Since: earlier', { ifUnmodifiedSince: before }, ifUnmodifiedSinceFailed],
    ['If-Unmodified-Since: no date', { ifUnmodifiedSince: 'x' }, proceed],
    ['If-Match true: If-Unmodified-Since is not looked at', { ifMatch: etag, ifUnmodifiedSince: before }, proceed],
    ['If-Match false: nor when it is true', { ifMatch: '"x"', ifUnmodifiedSince: after }, ifMatchFailed],

    ['If-None-Match: the same', { ifNoneMatch: etag }, notModified],
    ['If-None-Match: unquoted', { ifNoneMatch: etag.slice(1, -1) }, notModified],
    ['If-None-Match: the same but weak', { ifNoneMatch: `W/${etag}` }, notModified],
    ['If-None-Match: in a list', { ifNoneMatch: `"x",W/"y", ${etag}` }, notModified],
    ['If-None-Match: any', { ifNoneMatch: '*' }, notModified],
    ['If-None-Match: another', { ifNoneMatch: '"x"' }, proceed],

    ['If-Modified-Since: earlier', { ifModifiedSince: before }, proceed],
    ['If-Modified-Since: the same', { ifModifiedSince: same }, notModified],
    ['If-Modified-Since: later', { ifModifiedSince: after }, notModified],
    ['If-Modified-Since: no date', { ifModifiedSince: 'x' }, proceed],
    ['If-Modified-Since: two dates', { ifModifiedSince: `${same}, ${same}` }, proceed],
    [
      'If-None-Match false: If-Modified-Since is not looked at',
      { ifNoneMatch: '"x"', ifModifiedSince: after },
      proceed,
    ],
    ['If-None-Match true: nor when it says modified', { ifNoneMatch: etag, ifModifiedSince: before }, notModified],

    ['If-Match true, If-None-Match true', { ifMatch: etag, ifNoneMatch: etag }, notModified],
    ['If-Match false wins over If-None-Match true', { ifMatch: '"x"', ifNoneMatch: etag }, ifMatchFailed],
    [
      'If-Unmodified-Since false wins over If-None-Match true',
      { ifUnmodifiedSince: before, ifNoneMatch: etag },
      ifUnmodifiedSinceFailed,
    ],
    ['dates on both sides', { ifUnmodifiedSince: after, ifModifiedSince: before }, proceed],

    ['If-Range: the same', { ifRange: etag }, proceed],
    ['If-Range: unquoted', { ifRange: etag.slice(1, -1) }, proceed],
    ['If-Range: weak', { ifRange: `W/${etag}` }, ignoreRange],
    ['If-Range: another', { ifRange: '"x"' }, ignoreRange],
    ['If-Range: a list', { ifRange: `${etag}, ${etag}` }, ignoreRange],
    ['If-Range: the date', { ifRange: same }, proceed],
    ['If-Range: the date in another form', { ifRange: 'Wednesday, 01-May-24 12:00:00 GMT' }, proceed],
    ['If-Range: an earlier date', { ifRange: before }, ignoreRange],
    ['If-Range: a later date', { ifRange: after }, ignoreRange],
    ['If-Range: nonsense', { ifRange: 'a b' }, ignoreRange],
    ['If-Range after a 304', { ifNoneMatch: etag, ifRange: '"x"' }, notModified],
    ['If-Range after a 412', { ifMatch: '"x"', ifRange: etag }, ifMatchFailed],
  ])('%s', (_what, conditions, outcome) => {
    expect(evaluateConditions(conditions, validators)).toEqual(outcome)
  })

  it('compares whole seconds', () => {
    const fraction = { etag, lastModified: lastModified + 999 }
    expect(evaluateConditions({ ifModifiedSince: same }, fraction)).toEqual(notModified)
    expect(evaluateConditions({ ifUnmodifiedSince: same }, fraction)).toEqual(proceed)
    expect(evaluateConditions({ ifRange: same }, fraction)).toEqual(proceed)
  })

  it('ignores dates when the last change is not known', () => {
    const undated = { etag, lastModified: undefined }
    expect(evaluateConditions({ ifModifiedSince: after }, undated)).toEqual(proceed)
    expect(evaluateConditions({ ifUnmodifiedSince: before }, undated)).toEqual(proceed)
    expect(evaluateConditions({ ifRange: same }, undated)).toEqual(ignoreRange)
  })

  it('matches only the star against an ETag that cannot be read', () => {
    const strange = { etag: '', lastModified }
    expect(evaluateConditions({ ifMatch: '*' }, strange)).toEqual(proceed)
    expect(evaluateConditions({ ifMatch: '""' }, strange)).toEqual(ifMatchFailed)
    expect(evaluateConditions({ ifNoneMatch: '""' }, strange)).toEqual(proceed)
    expect(evaluateConditions({ ifRange: '""' }, strange)).toEqual(ignoreRange)
  })

  it('matches a weak ETag of the store weakly only', () => {
    const weak = { etag: `W/${etag}`, lastModified }
    expect(evaluateConditions({ ifMatch: etag }, weak)).toEqual(ifMatchFailed)
    expect(evaluateConditions({ ifNoneMatch: etag }, weak)).toEqual(notModified)
    expect(evaluateConditions({ ifRange: `W/${etag}` }, weak)).toEqual(ignoreRange)
  })

  it('lets a tag take the place of a date, whatever the date', () => {
    const tag = fc.constantFrom(etag, '"x"', '*', `W/${etag}`)
    const date = fc.constantFrom(before, same, after, 'x', undefined)
    fc.assert(
      fc.property(tag, date, (text, since) => {
        expect(evaluateConditions({ ifMatch: text, ifUnmodifiedSince: since }, validators)).toEqual(
          evaluateConditions({ ifMatch: text }, validators),
        )
        expect(evaluateConditions({ ifNoneMatch: text, ifModifiedSince: since }, validators)).toEqual(
          evaluateConditions({ ifNoneMatch: text }, validators),
        )
      }),
    )
  })
})
