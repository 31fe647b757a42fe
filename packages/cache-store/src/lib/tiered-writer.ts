import { type ByteRange, type ByteSource, toProxyError } from '@s3proxy/protocol'
import type { CacheStore, FillResult, FillWriter, Representation } from './cache-store.ts'
import type { MemoryTier } from './memory/memory-tier.ts'
import type { MemoryWriter } from './memory/memory-writer.ts'
import { storeError } from './store-error.ts'
import type { Turns } from './turns.ts'

export interface TieredWriterOptions {
  readonly memory: MemoryTier
  readonly disk: CacheStore
  readonly turns: Turns
  readonly representation: Representation
  /** Undefined: the tier refused. At least one of the two is there. */
  readonly memoryWriter: MemoryWriter | undefined
  readonly diskWriter: FillWriter | undefined
}

/** A fill of both tiers. One that fails drops out; only when none is left does the fill fail. */
export function createTieredWriter(options: TieredWriterOptions): FillWriter {
  const { memory, disk, turns, representation, memoryWriter } = options
  let { diskWriter } = options
  let written = 0
  /** Whether the disk has, or may have, chunks that it is still to write. */
  let diskIsBusy = diskWriter !== undefined

  const dropDisk = (error: unknown): void => {
    // Nothing else has the bytes that it can still give back.
    if (memoryWriter === undefined) throw toProxyError(error, 'store')
    diskWriter?.abort()
    diskWriter = undefined
  }

  const abort = (): void => {
    memoryWriter?.abort()
    diskWriter?.abort()
  }
  const commit = async (validatedAt: number, guard: () => boolean): Promise<FillResult> => {
    if (written === 0) {
      abort()
      return { kind: 'discarded', reason: 'empty' }
    }
    const turn = turns.begin(representation.key)
    let inMemory: FillResult | undefined
    let vetoed = false
    /** The moment of publication, for both tiers. */
    const publish = (): boolean => {
      vetoed = turn.isLate || !guard()
      if (vetoed) return false
      turn.take()
      inMemory = memoryWriter?.commitNow(validatedAt, () => true)
      // Whatever memory could not take must not leave an older representation there.
      if (inMemory?.kind !== 'stored') memory.supersede(representation)
      return true
    }
    try {
      const onDisk: FillResult =
        diskWriter !== undefined
          ? await diskWriter.commit(validatedAt, publish)
          : await saveRecord(disk, representation, validatedAt, publish)
      if (diskWriter !== undefined) diskIsBusy = false
      if (onDisk.kind === 'stored') return onDisk
      // The disk failed before it came to asking: memory goes on alone.
      if (inMemory === undefined && !vetoed && memoryWriter !== undefined) publish()
      return inMemory ?? (vetoed ? { kind: 'discarded', reason: 'vetoed' } : onDisk)
    } finally {
      memoryWriter?.abort()
      turn.end()
    }
  }

  return {
    memory: memoryWriter?.memory,
    write(chunk, onDone) {
      if (memoryWriter !== undefined) {
        const refused = memoryWriter.write(chunk)
        if (refused !== undefined) return refused
      }
      written += chunk.length
      if (diskWriter !== undefined) return diskWriter.write(chunk, onDone)?.catch(dropDisk)
      onDone?.()
      return undefined
    },
    read(range: ByteRange): ByteSource {
      const writer = memoryWriter ?? diskWriter
      if (writer === undefined) throw storeError('closed', 'the fill has failed')
      return writer.read(range)
    },
    commit,
    abort,
    giveBack() {
      if (!diskIsBusy) memoryWriter?.giveBack?.()
    },
  }
}

/** Keeps the disk's record in step with a fill that only memory takes. */
async function saveRecord(
  disk: CacheStore,
  representation: Representation,
  validatedAt: number,
  guard: () => boolean,
): Promise<FillResult> {
  await disk.save(representation, validatedAt, guard)
  return { kind: 'discarded', reason: 'failed' }
}
