import type { Ticket } from './eviction.ts'

/** A ticket that is a link of a {@link Queue}. */
export class Link<T> implements Ticket<T> {
  readonly owner: T
  readonly weight: number
  /** Hash of the identity; what a policy without memory of the past leaves 0. */
  readonly hash: number
  /** Uses, as far as the policy counts them. */
  uses = 0
  /** The queue it is in; undefined: it has left. Owned by {@link Queue}, as are its neighbours. */
  queue: Queue<T> | undefined = undefined
  newer: Link<T> | undefined = undefined
  older: Link<T> | undefined = undefined

  constructor(owner: T, weight: number, hash: number) {
    this.owner = owner
    this.weight = weight
    this.hash = hash
  }
}

/** A doubly linked list from oldest to newest that knows its weight. All in O(1). */
export class Queue<T> {
  oldest: Link<T> | undefined = undefined
  newest: Link<T> | undefined = undefined
  /** Bytes of all links. */
  weight = 0
  count = 0

  /** `link` must be in no queue. */
  push(link: Link<T>): void {
    link.queue = this
    link.older = this.newest
    if (this.newest === undefined) this.oldest = link
    else this.newest.newer = link
    this.newest = link
    this.weight += link.weight
    this.count++
  }

  /** `link` must be in this queue. */
  remove(link: Link<T>): void {
    if (link.older === undefined) this.oldest = link.newer
    else link.older.newer = link.newer
    if (link.newer === undefined) this.newest = link.older
    else link.newer.older = link.older
    link.queue = undefined
    link.newer = undefined
    link.older = undefined
    this.weight -= link.weight
    this.count--
  }

  /** Makes `link`, which must be in this queue, the newest. */
  renew(link: Link<T>): void {
    if (this.newest === link) return
    this.remove(link)
    this.push(link)
  }
}
