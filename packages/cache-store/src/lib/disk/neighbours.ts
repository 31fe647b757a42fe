import { writeFully } from './file-io.ts'
import { type File, type FileSystem, isMissing } from './file-system.ts'
import type { Layout } from './layout.ts'
import { createRests } from './rests.ts'
import type { Space } from './space.ts'

export interface NeighboursOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  /** This instance's name among those that share the directory. */
  readonly life: string
  readonly space: Space
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Waits. */
  readonly pause: (delayMs: number) => Promise<void>
  /** Keys have been removed from outside: what is remembered of the directory may be the past. */
  readonly onPurged: () => void
  readonly onError: (error: unknown) => void
}

/**
 * Tells the instances that share a directory what each has added and reserved, many times a second while that changes,
 * so that all of them together keep to the bound. An estimate between two walks over the directory, which find the truth.
 */
export interface Neighbours {
  start(): void
  /** Something has been reserved: ends a long pause. */
  nudge(): void
  stop(): Promise<void>
  /** Whether a temporary file belongs to an instance whose reservations are known here. */
  accountsFor(temporaryName: string): boolean
}

/**
 * Time between two exchanges while this instance writes. Others may exceed the bound by what they reserve meanwhile;
 * the headroom is there for it.
 */
const busyTickMs = 50

/** Time between two exchanges otherwise. */
const idleTickMs = 1000

/** Silence after which an instance's reservations are taken for dead. */
const maxSilenceMs = 10_000

/** Time between two signs of life of an instance that has nothing to tell; its file goes stale without. */
const signOfLifeMs = 60_000

interface Report {
  /** Bytes added less those freed, since the instance began. */
  readonly netBytes: number
  readonly reservedBytes: number
  /** Grows with every report. */
  readonly beat: number
}

interface Neighbour {
  readonly report: Report
  /** When the report came. */
  readonly heardAt: number
}

export function createNeighbours(options: NeighboursOptions): Neighbours {
  const { fs, layout, life, space, now, pause, onPurged, onError } = options
  let known = new Map<string, Neighbour>()
  let own: File | undefined
  let told: Report = { netBytes: 0, reservedBytes: 0, beat: 0 }
  let toldAt = Number.NEGATIVE_INFINITY
  let isFirstTick = true
  let isBusy = false
  let stopped = false
  const rests = createRests(pause)
  let running: Promise<void> | undefined

  const isActive = (neighbour: Neighbour): boolean => now() - neighbour.heardAt < maxSilenceMs

  const tell = async (): Promise<void> => {
    const { netBytes, reservedBytes } = space
    isBusy = netBytes !== told.netBytes || reservedBytes !== told.reservedBytes
    const isDue = now() - toldAt >= (reservedBytes > 0 ? idleTickMs : signOfLifeMs)
    if (!isBusy && !isDue) return
    told = { netBytes, reservedBytes, beat: told.beat + 1 }
    toldAt = now()
    own ??= await fs.open(layout.report(life), 'create')
    await writeFully(own, [Buffer.from(formatReport(told))], 0)
  }

  const ask = async (name: string): Promise<Neighbour | undefined> => {
    const before = known.get(name)
    const report = await readReport(fs, layout.report(name))
    if (report === undefined) return before
    return before?.report.beat === report.beat ? before : { report, heardAt: now() }
  }

  const listen = async (): Promise<void> => {
    const next = new Map<string, Neighbour>()
    let grownBytes = 0
    let reservedBytes = 0
    let instances = 1
    let purged = false
    for (const name of await fs.list(layout.reports)) {
      if (name === life) continue
      const neighbour = await ask(name)
      if (neighbour === undefined) continue
      next.set(name, neighbour)
      // What was there before us is part of what we start from; who came after us started from nothing.
      const before = known.get(name)?.report.netBytes ?? (isFirstTick ? neighbour.report.netBytes : 0)
      grownBytes += neighbour.report.netBytes - before
      if (name.startsWith(purgePrefix)) {
        purged ||= !known.has(name)
        continue
      }
      if (!isActive(neighbour)) continue
      reservedBytes += neighbour.report.reservedBytes
      instances++
    }
    known = next
    isFirstTick = false
    if (purged) onPurged()
    space.observe({ instances, grownBytes, reservedBytes })
  }

  const tick = async (): Promise<void> => {
    try {
      await tell()
      await listen()
    } catch (error) {
      onError(error)
    }
  }
  const leave = async (): Promise<void> => {
    if (own === undefined) return
    await own.close()
    await fs.removeFile(layout.report(life))
  }

  return {
    start() {
      running ??= (async () => {
        await fs.makeDirectory(layout.reports)
        while (!stopped) {
          await tick()
          await rests.rest(isBusy ? busyTickMs : idleTickMs)
        }
        await leave()
      })().catch(onError)
    },
    nudge() {
      if (!isBusy) rests.wake()
    },
    async stop() {
      stopped = true
      rests.end()
      await running
    },
    accountsFor(temporaryName) {
      const name = temporaryName.slice(0, temporaryName.lastIndexOf('-'))
      if (name === life) return true
      const neighbour = known.get(name)
      return neighbour !== undefined && isActive(neighbour)
    },
  }
}

/** Begins the name of a report of who has removed keys and gone again. */
const purgePrefix = 'purge-'

/** Tells the instances that serve from a directory that keys have been removed, and what that has freed. `id` is new. */
export async function tellOfPurge(fs: FileSystem, layout: Layout, id: string, freedBytes: number): Promise<void> {
  await fs.makeDirectory(layout.reports)
  const file = await fs.open(layout.report(`${purgePrefix}${id}`), 'create')
  try {
    await writeFully(file, [Buffer.from(formatReport({ netBytes: -freedBytes, reservedBytes: 0, beat: 1 }))], 0)
  } finally {
    await file.close()
  }
}

/** Always the same length, so that a report replaces the one before in one write. */
function formatReport({ netBytes, reservedBytes, beat }: Report): string {
  return `${JSON.stringify({ netBytes, reservedBytes, beat }).padEnd(95)}\n`
}

/** Undefined: gone, or caught in the middle of a write. */
async function readReport(fs: FileSystem, path: string): Promise<Report | undefined> {
  try {
    const file = await fs.open(path, 'read')
    try {
      const buffer = Buffer.alloc(256)
      return parseReport(buffer.toString('latin1', 0, await file.read(buffer, 0)))
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const reportPattern = /^\{"netBytes":(-?\d{1,16}),"reservedBytes":(\d{1,16}),"beat":(\d{1,16})\} *\n$/

function parseReport(text: string): Report | undefined {
  const match = reportPattern.exec(text)
  if (match === null) return undefined
  return { netBytes: Number(match[1]), reservedBytes: Number(match[2]), beat: Number(match[3]) }
}
