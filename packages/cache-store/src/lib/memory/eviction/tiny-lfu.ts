import type { Eviction } from './eviction.ts'
import { createFrequencySketch } from './frequency-sketch.ts'
import { hashIdentity } from './hash-identity.ts'
import { createHillClimber } from './hill-climber.ts'
import { Link, Queue } from './queue.ts'

export interface TinyLfuOptions {
  /** Share of the bytes for new things at first. Default 0.01. */
  readonly windowShare?: number
  /** Most that the window may grow to while it adapts to the workload. Default 0.8; `windowShare` keeps it as it is. */
  readonly maxWindowShare?: number
  /** Share of the main part for what was used there. Default 0.8. */
  readonly protectedShare?: number
  /** Seed of the hash of identities. Default: random. */
  readonly seed?: number
}

/** With each eviction the room for what is to come gets so much smaller, unless it is needed. */
const landingDecay = 1 - 1 / 1024

/**
 * W-TinyLFU (Einziger, Friedman, Manes: "TinyLFU: A Highly Efficient Cache Admission Policy", ACM TOS 2017), by bytes.
 * New things pass a small window in order of last use. What drops out of it stays only if it has been used more often
 * lately, also before it came, than all the things together that would have to leave for it. The main part is a segmented LRU.
 */
export function createTinyLfu<T>(options: TinyLfuOptions = {}): Eviction<T> {
  const { windowShare = 0.01, maxWindowShare = 0.8, protectedShare = 0.8 } = options
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32)
  const window = new Queue<T>()
  const probation = new Queue<T>()
  const shielded = new Queue<T>()
  const sketch = createFrequencySketch()
  const climber = createHillClimber({ initial: windowShare, minimum: windowShare, maximum: maxWindowShare })
  let windowBytes = 0
  let mainBytes = Number.POSITIVE_INFINITY
  /** Room that things to come have needed lately. The window has at least that, or each large one would cost the main part. */
  let landingBytes = 0
  /** What has been let in while things have to leave for it: not the first to go. */
  let winner: Link<T> | undefined

  const divide = (incomingBytes: number, capacityBytes: number): void => {
    landingBytes = Math.max(incomingBytes, landingBytes * landingDecay)
    windowBytes = Math.min(Math.max(capacityBytes * climber.share, landingBytes), capacityBytes)
    mainBytes = capacityBytes - windowBytes
  }
  const take = (link: Link<T>, to: Queue<T>): void => {
    link.queue?.remove(link)
    to.push(link)
  }
  const shield = (link: Link<T>): void => {
    take(link, shielded)
    const bytes = mainBytes * protectedShare
    while (shielded.weight > bytes && shielded.oldest !== undefined && shielded.oldest !== link) {
      take(shielded.oldest, probation)
    }
  }
  /** The first to leave the main part. */
  const victim = (): Link<T> | undefined => {
    const first = probation.oldest === winner ? (winner?.newer ?? shielded.oldest) : probation.oldest
    return first ?? shielded.oldest ?? probation.oldest
  }
  const leave = (link: Link<T>): T => {
    link.queue?.remove(link)
    if (link === winner) winner = undefined
    return link.owner
  }
  /** Whether `candidate` has been used more often than what would have to leave for it. */
  const wins = (candidate: Link<T>): boolean => {
    const uses = sketch.estimate(candidate.hash)
    let missing = probation.weight + shielded.weight + candidate.weight - mainBytes
    let against = 0
    for (let link = probation.oldest ?? shielded.oldest; missing > 0 && link !== undefined; ) {
      against += sketch.estimate(link.hash)
      if (against >= uses) return false
      missing -= link.weight
      link = link.newer ?? (link.queue === probation ? shielded.oldest : undefined)
    }
    return true
  }

  return {
    get overheadBytes() {
      return sketch.bytes
    },
    add(owner, identity, weight) {
      const link = new Link(owner, weight, hashIdentity(identity, seed))
      sketch.count(link.hash)
      climber.count(false, sketch.periodUses)
      window.push(link)
      sketch.reserve(window.count + probation.count + shielded.count)
      return link
    },
    hit(ticket) {
      const link = ticket as Link<T>
      const { queue } = link
      if (queue === undefined) return
      sketch.count(link.hash)
      climber.count(true, sketch.periodUses)
      if (queue === probation) shield(link)
      else queue.renew(link)
    },
    remove(ticket) {
      leave(ticket as Link<T>)
    },
    evict(incomingBytes, capacityBytes) {
      divide(incomingBytes, capacityBytes)
      for (;;) {
        const excess = probation.weight + shielded.weight - mainBytes
        if (excess <= 0) winner = undefined
        const first = victim()
        if (first !== undefined && excess > 0) {
          if (winner !== undefined) return leave(first)
          // The window has grown: nothing leaves for that without having been compared.
          take(first, window)
          continue
        }
        const candidate = window.oldest
        if (candidate === undefined) return first === undefined ? undefined : leave(first)
        const isOver = window.weight + incomingBytes > windowBytes
        if (isOver && excess + candidate.weight <= 0) {
          take(candidate, probation)
          continue
        }
        if (first === undefined) return leave(candidate)
        const uses = sketch.estimate(first.hash)
        if (uses === 0 || (!isOver && sketch.estimate(candidate.hash) > uses)) return leave(first)
        if (!isOver || !wins(candidate)) return leave(candidate)
        take(candidate, probation)
        winner = candidate
      }
    },
  }
}
