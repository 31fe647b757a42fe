import { type ByteRange, type ByteSource, type MemoryBudget, minRunBytes, ProxyError } from '@s3proxy/protocol'
import type { BroadcastEnd, Spill } from './broadcast.ts'
import type { ChunkUses } from './chunk-uses.ts'
import type { Window } from './window.ts'

/** A reader as the pump sees it. */
export interface ReaderHandle {
  /** Offset of the next byte it wants. Only the reader changes it. */
  position: number
  wake(): void
  /** Opens now what it still needs from the spill: no more will be asked of that. */
  secure(): void
}

/** What pump and readers of one broadcast share. */
export interface BroadcastState {
  readonly window: Window
  /** Undefined once the spill failed, or if there never was one. */
  spill: Spill | undefined
  ended: BroadcastEnd | undefined
  readonly readers: Set<ReaderHandle>
  /** Tells the pump that a reader moved or left. */
  wakePump: () => void
  /** Chunks that readers were given and have not given back. */
  lentChunks: number
  /** Tells the owner that a reader is gone, or the last chunk is back. */
  readonly onLess: () => void
  readonly budget: MemoryBudget
  /** Who looks at the chunks of the window. */
  readonly uses: ChunkUses
}

/** A cursor over a growing extent: from the window, behind it from the spill, in front of it by waiting. */
export function createReader(state: BroadcastState, range: ByteRange): ByteSource {
  const { window } = state
  /** The chunk its consumer has: it may have left the window meanwhile. */
  const account = state.budget.open()
  let waiting: (() => void) | undefined
  let behind: ByteSource | undefined
  let behindEnd = range.start
  /** What follows `behind`, opened while the spill had it. */
  let rest: ByteSource | undefined
  /** What its consumer has, and the chunk of the window it is of, if any. Weak: one that never gives back must not keep them. */
  const lent = new WeakMap<Uint8Array, Uint8Array | undefined>()
  const handle: ReaderHandle = {
    position: range.start,
    wake() {
      const resume = waiting
      waiting = undefined
      resume?.()
    },
    secure() {
      const { spill } = state
      const start = behind === undefined ? handle.position : behindEnd
      const end = Math.min(window.start, range.end)
      if (spill !== undefined && start < end) rest = open(spill, { start, end })
    },
  }
  state.readers.add(handle)

  const leave = (): void => {
    account.close()
    if (state.readers.delete(handle)) state.onLess()
    behind?.cancel()
    rest?.cancel()
    behind = undefined
    rest = undefined
    state.wakePump()
    handle.wake()
  }

  const give = (chunk: Uint8Array, whole: Uint8Array | undefined): Uint8Array => {
    // A chunk of the window may be long; when memory is short nobody who reads slowly is to keep much of it.
    const isLong = whole !== undefined && !state.budget.fits(chunk.length)
    const most = Math.min(range.end - handle.position, isLong ? minRunBytes : chunk.length)
    const part = chunk.length > most ? chunk.subarray(0, most) : chunk
    handle.position += part.length
    lent.set(part, whole)
    if (whole !== undefined) state.uses.enter(whole)
    state.lentChunks++
    // What comes from the spill has an account of its own.
    account.hold(behind === undefined ? part.length : 0)
    state.wakePump()
    return part
  }

  const open = (spill: Spill, wanted: ByteRange): ByteSource => {
    behindEnd = wanted.end
    try {
      return spill.read(wanted)
    } catch (error) {
      return failedSource(error)
    }
  }
  const fromSpill = async (source: ByteSource): Promise<Uint8Array | null> => {
    behind = source
    let chunk: Uint8Array | null
    try {
      chunk = await source.next()
    } catch (error) {
      return fail(spillLost(error))
    }
    // A reader that has left meanwhile is not counted any more.
    if (!state.readers.has(handle)) return null
    if (chunk !== null) return give(chunk, undefined)
    if (behind === source) behind = undefined
    return next()
  }
  /** Where the bytes behind the window are. */
  const behindWindow = (): ByteSource | undefined => {
    const source = behind ?? rest
    if (source === rest) rest = undefined
    if (source !== undefined || state.spill === undefined || handle.position >= window.start) return source
    return open(state.spill, { start: handle.position, end: Math.min(window.start, range.end) })
  }

  const wait = async (): Promise<Uint8Array | null> => {
    await new Promise<void>((resolve) => {
      waiting = resolve
    })
    return next()
  }

  const fail = (error: unknown): never => {
    leave()
    throw error
  }

  const next = (): Uint8Array | null | Promise<Uint8Array | null> => {
    if (!state.readers.has(handle) || handle.position >= range.end) {
      leave()
      return null
    }
    const source = behindWindow()
    if (source !== undefined) return fromSpill(source)
    const chunk = window.at(handle.position)
    if (chunk !== undefined) return give(chunk.data.subarray(handle.position - chunk.start), chunk.data)
    if (handle.position < window.start) return fail(spillLost())
    if (state.ended?.kind === 'failed') return fail(state.ended.error)
    if (state.ended !== undefined) return fail(spillLost())
    return wait()
  }

  if (state.ended !== undefined) handle.secure()
  return {
    next,
    cancel: leave,
    recycle(chunk) {
      // Only what was read back is this reader's alone; chunks of the window the spill does not know.
      behind?.recycle?.(chunk)
      const whole = lent.get(chunk)
      if (!lent.delete(chunk)) return
      if (whole !== undefined) state.uses.leave(whole)
      if (--state.lentChunks === 0) state.onLess()
    },
  }
}

/** A reader fell behind what is kept in memory and the spill could not take or give back the bytes. */
function spillLost(cause?: unknown): ProxyError {
  return new ProxyError('StoreFailed', { source: 'store', reason: 'spill-lost', cause })
}

function failedSource(error: unknown): ByteSource {
  return { next: () => Promise.reject(error), cancel: () => undefined }
}
