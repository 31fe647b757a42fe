import { requestIdLength } from '@s3proxy/protocol'
import type { HitHead, Prepared, ReadyHead } from '../../hit-head.ts'
import { type Framing, type HeadBytes, hitHeadText, idPlaceOf } from './format-head.ts'

/** Heads of hits as bytes, put together once for all answers of a second that differ in their request id alone. */
export interface ReadyHeads {
  /** Undefined: this one is to be made by itself. */
  find(head: HitHead, framing: Framing): ReadyHead | undefined
}

/** Heads kept, of some 500 bytes each; of most, and of what they were made of, nothing is left when the second is over. */
const maxReady = 1024
/** Of one representation in a second: its age changes once. Ranges of all kinds would make one for each answer. */
const maxMade = 2

/** None yet. A head is made ready when a second answer of its representation is sent within a second. */
export function createReadyHeads(): ReadyHeads {
  let second = ''
  let kept: Prepared[] = []
  /** Those of a second that is over are of no use, and hold what they were made of. */
  const begin = (date: string): void => {
    for (const prepared of kept) prepared.ready = undefined
    kept = []
    second = date
  }
  return {
    find(head, framing) {
      const { prepared, requestId } = head
      const { date, keepAliveSeconds } = framing
      if (framing.close || !head.isItsId || requestId.length !== requestIdLength) return undefined
      if (date !== second) begin(date)
      const { ready } = prepared
      if (
        ready !== undefined &&
        ready.date === date &&
        ready.keepAliveSeconds === keepAliveSeconds &&
        ready.head.isLike(head)
      )
        return ready
      if (prepared.sentOn !== date) {
        prepared.sentOn = date
        prepared.made = 0
        return undefined
      }
      if (prepared.made >= maxMade || (ready === undefined && kept.length >= maxReady)) return undefined
      prepared.made++
      const text = hitHeadText(head, framing)
      // Not of the pool: a piece of it that stays keeps all of it.
      const bytes = Buffer.allocUnsafeSlow(text.length)
      bytes.write(text, 'latin1')
      const made = { head, date, keepAliveSeconds, bytes, idAt: idPlaceOf(head) }
      if (ready === undefined) kept.push(prepared)
      prepared.ready = made
      return made
    },
  }
}

/** Bytes of a head. */
export function lengthOf(head: HeadBytes): number {
  return typeof head === 'string' ? head.length : head.ready.bytes.length
}

/** Puts a head at `at` of `page`; returns where it ends. */
export function writeHead(page: Buffer, at: number, head: HeadBytes): number {
  if (typeof head === 'string') return at + page.write(head, at, 'latin1')
  const { ready, id } = head
  page.set(ready.bytes, at)
  const idAt = at + ready.idAt
  for (let i = 0; i < requestIdLength; i++) page[idAt + i] = id.charCodeAt(i)
  return at + ready.bytes.length
}
