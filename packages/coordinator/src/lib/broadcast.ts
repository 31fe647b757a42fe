import { type ByteRange, type ByteSource, type MemoryBudget, minRunBytes, unlimitedBudget } from '@s3proxy/protocol'
import { type BroadcastState, createReader } from './broadcast-reader.ts'
import { createChunkUses, noChunkUses } from './chunk-uses.ts'
import { createWindow } from './window.ts'

/** Where a broadcast keeps what it received, so that slow and late readers need no memory: a cache fill. */
export interface Spill {
  /**
   * Takes the next bytes; a promise means: wait. A rejection ends the spill, not the broadcast. `onDone` is called once, if
   * ever, when the spill will not look at `chunk` again.
   */
  write(chunk: Uint8Array, onDone: () => void): void | Promise<void>
  /** Reads back bytes already written, absolute offsets. What it returns stays readable whatever becomes of the spill. */
  read(range: ByteRange): ByteSource
}

/** How a broadcast ended: all bytes came, the readers lost interest, or the source broke. */
export type BroadcastEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'failed'; readonly error: unknown }

/** What a broadcast is made of. */
export interface BroadcastOptions {
  /** The bytes of `range`, in order. Ending clean before `range.end` or going past it is a failure. */
  readonly source: ByteSource
  readonly range: ByteRange
  /** Without one, the slowest reader sets the pace and nobody can join behind the window. */
  readonly spill: Spill | undefined
  /** Bytes kept in memory for readers, at least one chunk; little more than that when memory is short. Default 1 MiB. */
  readonly windowBytes?: number
  /** Window and readers are charged to it. Default: one without an end. */
  readonly budget?: MemoryBudget
  /** With no reader left, the source is still read to its end if at most so many bytes are missing. Default 1 MiB. */
  readonly finishBytes?: number
  /** The failure to report for a source that did not deliver exactly `range`. */
  readonly lengthError: (received: number) => Error
  /** Called once when no more bytes will come; joins stay possible until its promise resolves. Never rejects. */
  readonly onEnd: (end: BroadcastEnd, spillAlive: boolean) => Promise<void> | void
  /** Called with the length of each chunk received. */
  readonly onChunk?: (bytes: number) => void
  /**
   * Called once, if ever, when nobody looks at any chunk any more or can come to: all bytes came, everything has settled,
   * no reader is left and every chunk was given back by `recycle`. From then on there is nothing to join.
   */
  readonly onUnused?: () => void
}

/** Bytes on their way that readers can join. */
export interface Joinable {
  readonly range: ByteRange
  /**
   * Whether a spill keeps every byte. Without one the slowest reader sets the pace of all, so strangers should not join:
   * one client that stops reading would stop the others.
   */
  readonly keepsAll: boolean
  /**
   * A reader of `range`, which must lie within the broadcast's; undefined if its bytes can no longer be had (behind the
   * window without a spill, or the broadcast failed); a promise, which rejects in that case, if they are another
   * process's. The reader sees bytes as they come and fails when the source does.
   */
  join(range: ByteRange): ByteSource | Promise<ByteSource> | undefined
  /** Lets others join although everything has settled, until the returned function is called. Absent: they can in any case. */
  readonly hold?: () => () => void
  /** Resolves when the source is at its end, `onEnd` has settled and nothing more will happen. Never rejects. */
  readonly settled: Promise<void>
}

/** One source, any number of readers: the growing extent of a fill. */
export interface Broadcast extends Joinable {
  join(range: ByteRange): ByteSource | undefined
  readonly hold: () => () => void
}

/** Starts reading `source` at once. The caller joins as the first reader in the same turn. */
export function createBroadcast(options: BroadcastOptions): Broadcast {
  const { source, range, finishBytes = 1 << 20, budget = unlimitedBudget } = options
  const maxWindowBytes = options.windowBytes ?? 1 << 20
  const account = budget.open()
  const window = createWindow(range.start)
  const uses = source.recycle === undefined ? noChunkUses : createChunkUses((chunk) => source.recycle?.(chunk))
  const state: BroadcastState = {
    window,
    spill: options.spill,
    ended: undefined,
    readers: new Set(),
    wakePump: () => undefined,
    lentChunks: 0,
    onLess: () => settleUse(),
    budget,
    uses,
  }
  const windowBytes = (): number =>
    budget.fits(maxWindowBytes) ? maxWindowBytes : Math.min(maxWindowBytes, minRunBytes)
  let holds = 0
  let isSettled = false
  let isUnused = false
  /** Ended and without readers it is no longer charged, though it may be joined again until it has settled. */
  const settleUse = (): void => {
    if (state.ended === undefined || state.readers.size > 0) return
    account.close()
    const isOver = isSettled && !isUnused && state.ended.kind === 'complete'
    if (!isOver || holds > 0 || state.lentChunks > 0) return
    isUnused = true
    while (window.length > 0) shift()
    options.onUnused?.()
  }

  const shift = (): void => {
    const dropped = window.shift()
    if (dropped !== undefined) uses.leave(dropped)
  }

  const wakeReaders = (): void => {
    for (const reader of state.readers) reader.wake()
  }

  const secureReaders = (): void => {
    for (const reader of state.readers) reader.secure()
  }

  /** Whether the pump may take another chunk without losing bytes that a reader can get nowhere else. */
  const hasRoom = (): boolean => {
    if (window.bytes < windowBytes()) return true
    if (state.spill !== undefined) return true
    let slowest = Number.POSITIVE_INFINITY
    for (const reader of state.readers) slowest = Math.min(slowest, reader.position)
    return window.firstEnd <= slowest
  }

  const isAbandoned = (): boolean => state.readers.size === 0 && range.end - window.end > finishBytes

  const keep = async (chunk: Uint8Array): Promise<void> => {
    window.push(chunk)
    uses.enter(chunk)
    account.hold(window.bytes)
    options.onChunk?.(chunk.length)
    wakeReaders()
    if (state.spill !== undefined) {
      try {
        uses.enter(chunk)
        const written = state.spill.write(chunk, () => uses.leave(chunk))
        if (written instanceof Promise) await written
      } catch {
        // The writer reports its own failure. Who is behind the window has what was written before, and from now on the slowest sets the pace.
        secureReaders()
        state.spill = undefined
        broadcast.keepsAll = false
      }
    }
    const most = windowBytes()
    while (window.bytes > most && window.length > 1 && hasRoom()) shift()
    account.hold(window.bytes)
  }

  /** Resolves with the next chunk, or as soon as a reader moved or left. */
  const chunkOrChange = (next: Promise<Uint8Array | null>): Promise<'change' | Uint8Array | null> =>
    new Promise((resolve, reject) => {
      state.wakePump = () => resolve('change')
      next.then(resolve, reject)
    })

  const end = (how: BroadcastEnd): void => {
    state.ended = how
  }

  const pump = async (): Promise<void> => {
    let next: ReturnType<ByteSource['next']> | undefined
    try {
      for (;;) {
        if (isAbandoned()) {
          if (next instanceof Promise) next.catch(() => undefined)
          // From this moment on nobody can join.
          end({ kind: 'abandoned' })
          source.cancel()
          return
        }
        if (!hasRoom()) {
          await new Promise<void>((resolve) => {
            state.wakePump = resolve
          })
          continue
        }
        next ??= source.next()
        const chunk = next instanceof Promise ? await chunkOrChange(next) : next
        if (chunk === 'change') continue
        next = undefined
        if (chunk === null) break
        if (window.end + chunk.length > range.end) {
          source.cancel()
          throw options.lengthError(window.end + chunk.length - range.start)
        }
        await keep(chunk)
      }
      if (window.end < range.end) throw options.lengthError(window.end - range.start)
      end({ kind: 'complete' })
    } catch (error) {
      end({ kind: 'failed', error })
    }
  }

  const run = async (): Promise<void> => {
    // The first reader joins in the turn that created the broadcast.
    await Promise.resolve()
    await pump()
    // What is published or dropped now may be replaced or gone before a slow reader has come so far.
    secureReaders()
    settleUse()
    wakeReaders()
    try {
      await options.onEnd(state.ended ?? { kind: 'abandoned' }, state.spill !== undefined)
    } catch {
      // Whoever keeps the bytes reports its own failures; for the readers nothing has changed.
    }
  }

  // No accessor: each object literal with one makes a hidden class of its own, which keeps all around it until a full collection.
  const broadcast: Broadcast & { keepsAll: boolean } = {
    range,
    keepsAll: options.spill !== undefined,
    hold() {
      let isHeld = true
      holds++
      return () => {
        if (!isHeld) return
        isHeld = false
        holds--
        settleUse()
      }
    },
    join(wanted) {
      if (isUnused || (state.ended !== undefined && state.ended.kind !== 'complete')) return undefined
      if (wanted.start < window.start && state.spill === undefined) return undefined
      return createReader(state, wanted)
    },
    settled: run(),
  }
  // Whoever found it while it was under way joins in the turn in which it settles, at the latest.
  void broadcast.settled.then(() =>
    setImmediate(() => {
      isSettled = true
      settleUse()
    }),
  )
  return broadcast
}
