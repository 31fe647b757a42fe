import type { Eviction, Ticket } from './eviction.ts'

/** A ticket that is a node of a ring. Alone in its own ring means: not held. */
class Node<T> implements Ticket<T> {
  readonly owner: T
  readonly weight: number
  newer: Node<T>
  older: Node<T>

  constructor(owner: T, weight: number) {
    this.owner = owner
    this.weight = weight
    this.newer = this
    this.older = this
  }
}

function unlink<T>(node: Node<T>): void {
  node.newer.older = node.older
  node.older.newer = node.newer
  node.newer = node
  node.older = node
}

/** Least recently used leaves first. */
export function createLru<T>(): Eviction<T> {
  /** The ring's fixed point: `older` leads to the most recently used, `newer` to the least. */
  const ring = new Node<T | undefined>(undefined, 0)

  const linkNewest = (node: Node<T | undefined>): void => {
    node.newer = ring
    node.older = ring.older
    ring.older.newer = node
    ring.older = node
  }

  return {
    add(owner, _identity, weight) {
      const node = new Node(owner, weight)
      linkNewest(node)
      return node
    },
    hit(ticket) {
      const node = ticket as Node<T>
      if (node.newer === node || ring.older === node) return
      unlink(node)
      linkNewest(node)
    },
    remove(ticket) {
      unlink(ticket as Node<T>)
    },
    evict() {
      const oldest = ring.newer
      if (oldest !== ring) unlink(oldest)
      return oldest.owner
    },
  }
}
