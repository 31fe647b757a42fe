import type { VolumeState } from '../observer.ts'
import type { FileSystem } from './file-system.ts'
import { createRests } from './rests.ts'
import type { Space } from './space.ts'

/** What is to stay free of the volume: bytes, or a share of all it has (0 to 1). */
export type MinFree = { readonly bytes: number } | { readonly share: number }

export interface VolumeFloorOptions {
  readonly fs: FileSystem
  /** A directory on the volume. */
  readonly directory: string
  readonly minFree: MinFree
  /** Bytes above the floor from which room is made in the background, so that fills need not be refused. */
  readonly headroomBytes: number
  readonly space: Pick<Space, 'netBytes' | 'reservedBytes'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Waits. */
  readonly pause: (delayMs: number) => Promise<void>
  /** So many bytes should leave. May be called again while they do. */
  readonly onShortage: (bytes: number) => void
  /** The volume has fallen below the floor, or is above it again. */
  readonly onChange: (state: VolumeState) => void
  readonly onError: (error: unknown) => void
}

/** Keeps some of the volume free, whoever fills it: below the floor nothing more is stored, and what is stored leaves. */
export interface VolumeFloor {
  /** What is known of the volume; undefined: nothing yet, or it cannot be asked. */
  readonly state: VolumeState | undefined
  /**
   * Whether what is reserved now, and `bytes` more, would leave the floor free, by the last look and what this process has
   * written since. True as long as nothing is known.
   */
  fits(bytes: number): boolean
  /** Whether what is reserved now fits; if not, something has to leave. */
  admits(): boolean
  start(): void
  stop(): Promise<void>
}

/** Time between two looks. What other programs write meanwhile is not seen. */
const lookMs = 5000

/** The same while fills come close to the floor. */
const closeLookMs = 250

export function createVolumeFloor(options: VolumeFloorOptions): VolumeFloor {
  const { fs, directory, minFree, headroomBytes, space, now, pause, onShortage, onChange, onError } = options
  const rests = createRests(pause)
  let state: VolumeState | undefined
  let netBytesThen = 0
  let lookedAt = Number.NEGATIVE_INFINITY
  let stopped = false
  let running: Promise<void> | undefined

  const look = async (): Promise<void> => {
    lookedAt = now()
    try {
      const netBytes = space.netBytes
      const { freeBytes, totalBytes } = await fs.volume(directory)
      const floorBytes = 'bytes' in minFree ? minFree.bytes : Math.ceil(minFree.share * totalBytes)
      const isLow = freeBytes < floorBytes
      const changed = isLow !== (state?.isLow ?? false)
      state = { freeBytes, floorBytes, isLow }
      netBytesThen = netBytes
      if (changed) onChange(state)
      const missing = floorBytes + headroomBytes - freeBytes
      if (missing > 0) onShortage(missing)
    } catch (error) {
      state = undefined
      onError(error)
    }
  }

  /** Bytes that could still be reserved. */
  const left = (): number =>
    state === undefined
      ? Number.POSITIVE_INFINITY
      : state.freeBytes - (space.netBytes - netBytesThen) - space.reservedBytes - state.floorBytes

  return {
    get state() {
      return state
    },
    fits: (bytes) => bytes <= left(),
    admits() {
      const bytes = left()
      if (bytes < headroomBytes && now() - lookedAt >= closeLookMs) rests.wake()
      if (bytes < 0) onShortage(-bytes)
      return bytes >= 0
    },
    start() {
      running ??= (async () => {
        while (!stopped) {
          await look()
          await rests.rest(lookMs)
        }
      })()
    },
    async stop() {
      stopped = true
      rests.end()
      await running
    },
  }
}
