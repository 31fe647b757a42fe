import type { Representation } from '@s3proxy/cache-store'
import { describe, expect, it } from 'vitest'
import { HitHead, type HitHeadFields } from '../../hit-head.ts'
import { formatHitHead } from './format-head.ts'
import { createReadyHeads, lengthOf, writeHead } from './ready-heads.ts'

const representationOf = (key: string): Representation => ({
  key,
  etag: `"${key}"`,
  size: 10,
  headers: ['ETag', `"${key}"`, 'X-Amz-Meta-A', '\xe9', 'x-amz-checksum-crc32', 'AAAA'],
  checksums: true,
})
const whole = { wanted: { start: 0, end: 10 }, partial: false, wantsChecksums: false, ageSeconds: 7 }
const hit = ['X-Cache', 'HIT']
const stale = ['X-Cache', 'STALE']
const framing = { bodyAllowed: true, close: false, keepAliveSeconds: 60, date: 'Thu, 01 Jan 1970 00:00:00 GMT' }
const idOf = (n: number): string => n.toString(16).toUpperCase().padStart(16, '0')

/** As it is sent, in the middle of a page. */
function sent(heads: ReturnType<typeof createReadyHeads>, head: HitHead, as = framing) {
  const { bytes, body, length } = formatHitHead(head, as, heads)
  const page = Buffer.alloc(4096)
  const end = writeHead(page, 100, bytes)
  expect(end - 100).toBe(lengthOf(bytes))
  return { text: page.toString('latin1', 100, end), body, length, isReady: typeof bytes !== 'string' }
}

describe('ready heads', () => {
  const representation = representationOf('k')
  const variants: [string, Partial<HitHeadFields>, string[], Partial<typeof framing>][] = [
    ['another age', { ageSeconds: 8 }, hit, {}],
    ['no age', { ageSeconds: undefined }, hit, {}],
    ['a range', { partial: true, wanted: { start: 2, end: 5 } }, hit, {}],
    ['another range of that length', { partial: true, wanted: { start: 3, end: 6 } }, hit, {}],
    ['the whole as a range', { partial: true }, hit, {}],
    ['checksums', { wantsChecksums: true }, hit, {}],
    ['other fields added', {}, stale, {}],
    ['the next second', {}, hit, { date: 'Thu, 01 Jan 1970 00:00:01 GMT' }],
    ['another time of keeping', {}, hit, { keepAliveSeconds: 5 }],
    ['the last answer', {}, hit, { close: true }],
    ['a HEAD', {}, hit, { bodyAllowed: false }],
    ['an id of another length', { requestId: 'ID' }, hit, {}],
  ]

  it.each(variants)('say what a head by itself says: %s', (_, fields, added, frame) => {
    const heads = createReadyHeads()
    const make = (n: number, own: Partial<HitHeadFields>, fieldsAdded: string[]) =>
      new HitHead(representation, { ...whole, requestId: idOf(n), ...own }, undefined).with(fieldsAdded)
    const alone = (head: HitHead, as: typeof framing) => sent({ find: () => undefined }, head, as)
    // Each form amid the other, so that one that is ready is there to be taken for it.
    for (let n = 0; n < 4; n++) {
      for (const [own, fieldsAdded, as] of [
        [{}, hit, framing],
        [fields, added, { ...framing, ...frame }],
      ] as const) {
        const head = make(n, own, fieldsAdded)
        const { isReady, ...given } = sent(heads, head, as)
        const { isReady: _isReady, ...expected } = alone(head, as)
        expect(given).toEqual(expected)
        if (n === 3 && own === fields && frame.close === true) expect(isReady).toBe(false)
      }
    }
    expect(sent(heads, make(9, {}, hit)).isReady).toBe(sent(heads, make(10, {}, hit)).isReady)
    expect(sent(heads, make(11, {}, hit))).toMatchObject({
      isReady: true,
      text: alone(make(11, {}, hit), framing).text,
    })
  })

  it('are not made of lines of S3 that speak of one answer', () => {
    const heads = createReadyHeads()
    for (const id of ['a', 'b', 'c']) {
      const lines = `x-amz-request-id: S3-${id}\r\n`
      const given = sent(heads, new HitHead(representation, { ...whole, requestId: idOf(1) }, lines).with(hit))
      expect(given.isReady).toBe(false)
      expect(given.text).toContain(lines)
    }
  })

  it('are bounded in number, whatever is read, and those of another second are let go', () => {
    const heads = createReadyHeads()
    const many = Array.from({ length: 3000 }, (_, n) => representationOf(`k${n}`))
    for (let round = 0; round < 2; round++) {
      for (const each of many) sent(heads, new HitHead(each, { ...whole, requestId: idOf(round) }).with(hit))
    }
    const prepared = many.map((each) => new HitHead(each, { ...whole, requestId: idOf(0) }).prepared)
    const countReady = (): number => prepared.filter(({ ready }) => ready !== undefined).length
    expect(countReady()).toBe(1024)
    const next = { ...framing, date: 'Thu, 01 Jan 1970 00:00:01 GMT' }
    sent(heads, new HitHead(representation, { ...whole, requestId: idOf(1) }).with(hit), next)
    expect(countReady()).toBe(0)
  })

  it('are not made again and again for answers that differ', () => {
    const heads = createReadyHeads()
    const made = new Set<unknown>()
    const fresh = representationOf('fresh')
    for (let start = 0; start < 9; start++) {
      const wanted = { start, end: start + 1 }
      const head = new HitHead(fresh, { ...whole, partial: true, wanted, requestId: idOf(start) }).with(hit)
      sent(heads, head)
      if (head.prepared.ready !== undefined) made.add(head.prepared.ready)
    }
    expect(made.size).toBe(2)
  })
})
