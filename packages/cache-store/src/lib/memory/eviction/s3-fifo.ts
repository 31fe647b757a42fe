import type { Eviction } from './eviction.ts'
import { createGhosts } from './ghosts.ts'
import { hashIdentity } from './hash-identity.ts'
import { Link, Queue } from './queue.ts'

export interface S3FifoOptions {
  /** Share of the bytes for things on trial. Default 0.1. */
  readonly smallShare?: number
  /** Uses on trial that make a thing stay. Default 2. */
  readonly promoteUses?: number
  /** Seed of the hash of identities. Default: random. */
  readonly seed?: number
}

/** Uses counted per thing, and so rounds a thing can stay in the main queue without further use. */
const maxUses = 3

/**
 * S3-FIFO (Yang, Zhang, Qiu, Yue, Vinayak: "FIFO queues are all you need for cache eviction", SOSP 2023), by bytes.
 * New things are on trial in a small queue; those used there move to the main queue, the others leave and are remembered
 * as ghosts: a ghost that comes back goes to the main queue at once. The main queue gives a thing another round for each
 * use. So what is used once never touches what is used often.
 */
export function createS3Fifo<T>(options: S3FifoOptions = {}): Eviction<T> {
  const { smallShare = 0.1, promoteUses = 2, seed = Math.floor(Math.random() * 2 ** 32) } = options
  const small = new Queue<T>()
  const main = new Queue<T>()
  const ghosts = createGhosts()

  return {
    get overheadBytes() {
      return ghosts.bytes
    },
    add(owner, identity, weight) {
      const hash = hashIdentity(identity, seed)
      const link = new Link(owner, weight, hash)
      const isBack = ghosts.take(hash)
      if (isBack) main.push(link)
      else small.push(link)
      ghosts.reserve(small.count + main.count)
      return link
    },
    hit(ticket) {
      const link = ticket as Link<T>
      if (link.uses < maxUses) link.uses++
    },
    remove(ticket) {
      const link = ticket as Link<T>
      link.queue?.remove(link)
    },
    evict(incomingBytes, capacityBytes) {
      const smallBytes = capacityBytes * smallShare
      for (;;) {
        const onTrial = small.oldest
        if (onTrial !== undefined && (main.count === 0 || small.weight + incomingBytes > smallBytes)) {
          small.remove(onTrial)
          if (onTrial.uses >= promoteUses) {
            onTrial.uses = 0
            main.push(onTrial)
            continue
          }
          // As many bytes of ghosts as the main queue may have.
          ghosts.add(onTrial.hash, onTrial.weight, capacityBytes - smallBytes)
          return onTrial.owner
        }
        const oldest = main.oldest
        if (oldest === undefined) return undefined
        main.remove(oldest)
        if (oldest.uses === 0) return oldest.owner
        oldest.uses--
        main.push(oldest)
      }
    },
  }
}
