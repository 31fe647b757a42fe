import { crc32 } from 'node:zlib'
import { writeFully } from './file-io.ts'
import { type FileSystem, isMissing, isTaken } from './file-system.ts'
import { isGeneration, type Layout } from './layout.ts'

/** What one instance may have on the volume beyond what was there before it. Below 0 when it has freed more. */
export interface Claim {
  readonly bytes: number
  /** Grows with every change the instance makes to the ledger. */
  readonly sequence: number
}

/** The shared account: what is on the volume is never more than `baseBytes` and all claims together. */
export interface LedgerState {
  readonly baseBytes: number
  /** Whether `baseBytes` comes from a count, rather than from the assumption of a full cache. */
  readonly counted: boolean
  /** Grows whenever an instance joins or goes. */
  readonly changes: number
  /** By instance. */
  readonly claims: ReadonlyMap<string, Claim>
}

/** Bytes on the volume at most, as the ledger has it. */
export function totalBytes({ baseBytes, claims }: LedgerState): number {
  let bytes = baseBytes
  for (const claim of claims.values()) bytes += claim.bytes
  return bytes
}

export function withClaim(state: LedgerState, life: string, claim: Claim | undefined): LedgerState {
  const claims = new Map(state.claims)
  if (claim === undefined) claims.delete(life)
  else claims.set(life, claim)
  return { ...state, claims }
}

/**
 * The account that the instances on a directory share, changed by compare-and-swap: each state is a file named by its
 * generation, and the next one comes to be by a hard link, which only one instance can make. Nobody holds a lock, so
 * nobody's death blocks the others.
 */
export interface Ledger {
  /** The state now. Rejects if the file system fails. */
  read(): Promise<LedgerState>
  /**
   * Replaces the state by `change(state)`, which may be called several times; undefined leaves it. Resolves to the state
   * that results. A change has to give this instance's claim a new sequence, or take the claim away.
   */
  update(change: (state: LedgerState) => LedgerState | undefined): Promise<LedgerState>
}

export interface LedgerOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  /** This instance's name. */
  readonly life: string
  readonly temporaryName: () => string
  /** The state of a directory whose ledger does not exist or cannot be made sense of. */
  readonly unknown: LedgerState
  readonly onError: (error: unknown) => void
}

/** A state of more than some ten thousand instances is none of ours. */
const maxStateBytes = 1 << 20

/** Generations kept behind the last: whoever reads one has been told of it not long ago. */
const keptGenerations = 4

/** Turns in a row that others may win. */
const maxAttempts = 1000

interface Generation {
  readonly number: number
  readonly state: LedgerState
}

export function createLedger(options: LedgerOptions): Ledger {
  const { fs, layout, life, temporaryName, unknown, onError } = options

  const generations = async (): Promise<number[]> => {
    try {
      return (await fs.list(layout.ledger)).filter(isGeneration).map(Number)
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }
  /** Undefined: gone, so there are later ones. */
  const load = async (number: number): Promise<Generation | undefined> => {
    try {
      const file = await fs.open(layout.generation(number), 'read')
      try {
        const { size } = await file.stat()
        if (size > maxStateBytes) return { number, state: unknown }
        const buffer = Buffer.alloc(size)
        const text = buffer.toString('utf8', 0, await file.read(buffer, 0))
        return { number, state: parseState(text) ?? unknown }
      } finally {
        file.close().catch(onError)
      }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
  const latest = async (): Promise<Generation> => {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const all = await generations()
      if (all.length === 0) return { number: 0, state: unknown }
      const found = await load(Math.max(...all))
      if (found !== undefined) return found
    }
    throw new Error('the ledger changes faster than it can be read')
  }
  /** False: another instance was first. */
  const publish = async (number: number, state: LedgerState): Promise<boolean> => {
    const path = layout.ledgerTemporary(temporaryName())
    const file = await fs.open(path, 'create')
    try {
      try {
        await writeFully(file, [Buffer.from(formatState(state))], 0)
      } finally {
        await file.close()
      }
      await fs.link(path, layout.generation(number))
      return true
    } catch (error) {
      if (isTaken(error)) return false
      throw error
    } finally {
      await fs.removeFile(path).catch(onError)
    }
  }
  /** A name that was free because it is long past is no success: the state of now decides. */
  const isInEffect = async (number: number, state: LedgerState, all: readonly number[]): Promise<boolean> => {
    if (Math.max(...all) <= number) return true
    const have = (await latest()).state.claims.get(life)?.sequence
    const want = state.claims.get(life)?.sequence
    return have === undefined || want === undefined ? have === want : have >= want
  }
  const clear = async (all: readonly number[], number: number): Promise<void> => {
    for (const old of all.filter((other) => other < number - keptGenerations)) {
      await fs.removeFile(layout.generation(old)).catch((error: unknown) => {
        if (!isMissing(error)) onError(error)
      })
    }
  }

  return {
    read: async () => (await latest()).state,
    async update(change) {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const { number, state } = await latest()
        const next = change(state)
        if (next === undefined) return state
        if (!(await publish(number + 1, next))) continue
        const all = await generations()
        if (!(await isInEffect(number + 1, next, all))) {
          await fs.removeFile(layout.generation(number + 1)).catch(onError)
          continue
        }
        await clear(all, number + 1)
        return next
      }
      throw new Error('the ledger changes faster than it can be written')
    },
  }
}

/** One line of JSON behind its checksum. */
function formatState({ baseBytes, counted, changes, claims }: LedgerState): string {
  const json = JSON.stringify({
    baseBytes,
    counted,
    changes,
    claims: [...claims].map(([life, { bytes, sequence }]) => [life, bytes, sequence]),
  })
  return `${checksum(json)} ${json}\n`
}

function parseState(text: string): LedgerState | undefined {
  const json = text.slice(9, -1)
  if (text !== `${checksum(json)} ${json}\n`) return undefined
  const { baseBytes, counted, changes, claims } = JSON.parse(json) as {
    readonly baseBytes: number
    readonly counted: boolean
    readonly changes: number
    readonly claims: readonly (readonly [string, number, number])[]
  }
  return {
    baseBytes,
    counted,
    changes,
    claims: new Map(claims.map(([life, bytes, sequence]) => [life, { bytes, sequence }])),
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
