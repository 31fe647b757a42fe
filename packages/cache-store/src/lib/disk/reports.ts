import { readFully, writeFully } from './file-io.ts'
import { type File, type FileSystem, isMissing } from './file-system.ts'
import type { Layout } from './layout.ts'
import { decodeReport, encodeReport, type Report, reportBytes } from './report.ts'
import type { Space } from './space.ts'

/** What is known of another instance. */
export interface Neighbour {
  /** Undefined: it has told nothing yet. */
  readonly report: Report | undefined
  /** When it last gave a sign of life. */
  readonly heardAt: number
}

/** Exchanges reports with the instances that share the directory. */
export interface Reports {
  /** Tells what has changed, and at least that this instance is alive. */
  tell(): Promise<void>
  /** Hears the instances named. */
  listen(lives: readonly string[]): Promise<ReadonlyMap<string, Neighbour>>
  /** Resolves to whether keys have been removed from outside since the last time. */
  hearOfPurges(): Promise<boolean>
  /** Takes this instance's report away. */
  leave(): Promise<void>
}

export interface ReportsOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly life: string
  readonly space: Space
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Time between two reports of an instance that has nothing new to tell. */
export const signOfLifeMs = 5000

/** Age of a report from which its instance counts as silent at first sight. */
const longSilenceMs = 10 * 60_000

export function createReports({ fs, layout, life, space, now }: ReportsOptions): Reports {
  let known = new Map<string, Neighbour>()
  let own: File | undefined
  let beat = 0
  let told = ''
  let purges: ReadonlySet<string> | undefined
  let toldAt = Number.NEGATIVE_INFINITY

  /** Who has told nothing for very long is dead at first sight; in doubt, clocks differ. */
  const firstHeardAt = async (name: string): Promise<number> => {
    try {
      const { modifiedAt } = await fs.stat(layout.report(name))
      return now() - modifiedAt > longSilenceMs ? modifiedAt : now()
    } catch (error) {
      if (isMissing(error)) return now()
      throw error
    }
  }
  const hear = async (name: string): Promise<Neighbour> => {
    const before = known.get(name)
    const report = await readReport(fs, layout.report(name))
    if (before === undefined) return { report, heardAt: await firstHeardAt(name) }
    return report !== undefined && report.beat !== before.report?.beat ? { report, heardAt: now() } : before
  }

  return {
    async tell() {
      const { netBytes, reservedBytes, added, freed } = space
      const news = `${netBytes} ${reservedBytes}`
      if (news === told && Math.abs(now() - toldAt) < signOfLifeMs) return
      own ??= await fs.open(layout.report(life), 'create')
      await writeFully(own, [encodeReport({ beat: ++beat, reservedBytes, added, freed })], 0)
      told = news
      toldAt = now()
    },
    async listen(lives) {
      const heard = await Promise.all(lives.map(async (name) => [name, await hear(name)] as const))
      known = new Map(heard)
      return known
    },
    async hearOfPurges() {
      const names = (await fs.list(layout.reports)).filter((name) => name.startsWith(purgePrefix))
      const isNews = purges !== undefined && names.some((name) => purges?.has(name) === false)
      purges = new Set(names)
      return isNews
    },
    async leave() {
      if (own === undefined) return
      await own.close()
      await fs.removeFile(layout.report(life))
    },
  }
}

/** Undefined: gone, or caught in the middle of a write. */
async function readReport(fs: FileSystem, path: string): Promise<Report | undefined> {
  try {
    const file = await fs.open(path, 'read')
    try {
      const buffer = Buffer.alloc(reportBytes)
      return decodeReport(buffer.subarray(0, await readFully(file, buffer, 0)))
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Begins the name of a notice of who has removed keys and gone again. */
const purgePrefix = 'purge-'

/** Tells the instances that serve from a directory that keys have been removed. `id` is new. */
export async function tellOfPurge(fs: FileSystem, layout: Layout, id: string): Promise<void> {
  await fs.makeDirectory(layout.reports)
  await (await fs.open(layout.report(`${purgePrefix}${id}`), 'create')).close()
}
