import type { HitHead, Prepared, ReadyHead } from '../../hit-head.ts'
import { type Framing, type HeadBytes, hitHeadEnd, hitHeadStart } from './format-head.ts'

/** Digits of a request id. */
export const idLength = 16

/** Heads of hits as bytes, put together once for all answers of a second that differ in their request id alone. */
export interface ReadyHeads {
  /** Undefined: this one is to be made by itself. */
  find(head: HitHead, framing: Framing): ReadyHead | undefined
}

/** Heads kept, of some 500 bytes each. */
const maxReady = 1024

/** None yet. A head is made ready when the second answer like it is sent within a second. */
export function createReadyHeads(): ReadyHeads {
  const kept: Prepared[] = []
  let next = 0
  const keep = (prepared: Prepared, ready: ReadyHead): void => {
    if (prepared.ready === undefined) {
      const oldest = kept[next]
      if (oldest !== undefined) oldest.ready = undefined
      kept[next] = prepared
      next = (next + 1) % maxReady
    }
    prepared.ready = ready
  }
  return {
    find(head, framing) {
      const { prepared, requestId } = head
      const { date, keepAliveSeconds } = framing
      if (framing.close || !head.isItsId || requestId.length !== idLength) return undefined
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
        return undefined
      }
      const before = hitHeadStart(head) + head.textBeforeId
      const text = `${before}${requestId}${head.textAfterId}${hitHeadEnd(framing)}`
      const made = { head, date, keepAliveSeconds, bytes: Buffer.from(text, 'latin1'), idAt: before.length }
      keep(prepared, made)
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
  for (let i = 0; i < idLength; i++) page[idAt + i] = id.charCodeAt(i)
  return at + ready.bytes.length
}
