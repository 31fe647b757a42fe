import type { Eviction } from './eviction.ts'
import { Link, Queue } from './queue.ts'

/** Least recently used leaves first. */
export function createLru<T>(): Eviction<T> {
  const queue = new Queue<T>()
  return {
    overheadBytes: 0,
    add(owner, _identity, weight) {
      const link = new Link(owner, weight, 0)
      queue.push(link)
      return link
    },
    hit(ticket) {
      const link = ticket as Link<T>
      link.queue?.renew(link)
    },
    remove(ticket) {
      const link = ticket as Link<T>
      link.queue?.remove(link)
    },
    evict() {
      const { oldest } = queue
      if (oldest === undefined) return undefined
      queue.remove(oldest)
      return oldest.owner
    },
  }
}
