import type { MemoryWriter } from './memory/memory-writer.ts'

/** One copy of a range into memory. Once it has ended, one way or another, its calls do nothing. */
export interface Copy {
  /** Adds the next bytes; returns those written so far. */
  write(chunk: Uint8Array): number
  commit(validatedAt: number, guard: () => boolean): void
  drop(): void
}

/** The copies of ranges into memory that are under way: at most one of each range, however many read it. */
export interface Copies {
  /** Begins the copy called `name`; undefined if there is one already, or if `open` has no writer for it. */
  begin(name: string, open: () => MemoryWriter | undefined): Copy | undefined
}

interface Entry {
  readonly copy: Copy
  readonly writer: MemoryWriter
  /** Bytes written when it was looked at last, and how often it was found like that. */
  seenBytes: number
  standstill: number
}

/**
 * A copy is made as fast as its reader reads. So many others must have come without it getting any further before one of
 * them takes its place: a client that has stopped reading must not keep a range out of memory, and the many that ask in
 * the same moment must not drive each other out.
 */
const patience = 32

export function createCopies(): Copies {
  const entries = new Map<string, Entry>()

  const isUnderWay = (entry: Entry): boolean => {
    const { written } = entry.writer
    entry.standstill = written === entry.seenBytes ? entry.standstill + 1 : 0
    entry.seenBytes = written
    return entry.standstill < patience
  }
  return {
    begin(name, open) {
      const other = entries.get(name)
      if (other !== undefined && isUnderWay(other)) return undefined
      other?.copy.drop()
      const writer = open()
      if (writer === undefined) return undefined
      let ended = false
      const end = (): boolean => {
        if (ended) return false
        ended = true
        entries.delete(name)
        return true
      }
      const copy: Copy = {
        write(chunk) {
          if (!ended) writer.writeNow(chunk)
          return writer.written
        },
        commit(validatedAt, guard) {
          if (end()) writer.commitNow(validatedAt, guard)
        },
        drop() {
          if (end()) writer.abort()
        },
      }
      entries.set(name, { copy, writer, seenBytes: 0, standstill: 0 })
      return copy
    },
  }
}
