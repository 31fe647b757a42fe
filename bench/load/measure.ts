import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contender } from '../lib/contender.ts'
import { objectPath } from '../lib/object-name.ts'
import type { Origin } from '../lib/origin.ts'
import { signedHeaders } from '../lib/signed-request.ts'
import { writeScript } from './script.ts'
import { runWrk, type WrkReport } from './wrk.ts'

/** What is asked for: one object by everybody, or with each request one that nobody has read before. */
export interface Load {
  readonly kind: 'hit' | 'miss'
  /** Bytes of an answer. */
  readonly sizeBytes: number
  readonly connections: number
}

/** A contender under load. */
export interface LoadResult extends WrkReport, Load {
  readonly contender: string
  readonly round: number
  readonly requestsPerSecond: number
  /** Per second of processor time of the server, user and kernel mode. */
  readonly requestsPerCpuSecond: number
  readonly gbPerSecond: number
  readonly gbPerCpuSecond: number
  /** Processor time of the server over time. */
  readonly serverCores: number
  /** Bytes the origin sent meanwhile; hits need none. */
  readonly originBytes: number
}

export interface LoadOptions {
  readonly contender: Contender
  readonly load: Load
  readonly round: number
  readonly origin: Origin
  readonly wrk: string
  readonly seconds: number
  /** Folder for scripts. */
  readonly directory: string
}

/** From this size on, answers are parts of larger objects, as clients read large objects. */
const partBytes = 8 << 20

/** Loads a contender for some seconds. For hits the object must have been read before. */
export async function measureLoad(options: LoadOptions): Promise<LoadResult> {
  const { contender, load, round, origin, wrk, seconds } = options
  const { sizeBytes, connections, kind } = load
  const range = sizeBytes < partBytes ? undefined : { start: sizeBytes, end: 2 * sizeBytes }
  const pathOf = (label: string): string =>
    objectPath(label, { sizeBytes: range === undefined ? sizeBytes : 8 * sizeBytes, bytesPerSecond: 0, firstByteMs: 0 })
  const hot = pathOf('hot')
  const [before, after] = hot.split('/hot/') as [string, string]
  const unique = {
    kind: 'unique',
    before: `${before}/${contender.name}-${round}-${connections}-`,
    after: `/${after}`,
  } as const
  const path = kind === 'hit' ? ({ kind: 'same', path: hot } as const) : unique
  const script = join(options.directory, `${contender.name}.lua`)
  await writeFile(script, writeScript({ headers: await signedHeaders(hot, range), path, thinkMs: 0 }))
  const sentBefore = await origin.counters()
  const usedBefore = contender.usage()
  const report = await runWrk({
    program: wrk,
    port: contender.port,
    path: hot,
    headers: [],
    connections,
    seconds,
    script,
  })
  const cpuSeconds = contender.usage().cpuSeconds - usedBefore.cpuSeconds
  const sent = await origin.counters()
  return {
    ...report,
    ...load,
    contender: contender.name,
    round,
    requestsPerSecond: report.requests / report.seconds,
    requestsPerCpuSecond: report.requests / cpuSeconds,
    gbPerSecond: (report.requests * sizeBytes) / report.seconds / 1e9,
    gbPerCpuSecond: (report.requests * sizeBytes) / cpuSeconds / 1e9,
    serverCores: cpuSeconds / report.seconds,
    originBytes: sent.bodyBytes - sentBefore.bodyBytes,
  }
}

/** `64 KiB hits, 32 connections`. */
export function nameOf({ sizeBytes, kind, connections }: Load): string {
  const size = sizeBytes >= 1 << 20 ? `${sizeBytes / (1 << 20)} MiB` : `${sizeBytes / 1024} KiB`
  return `${size} ${kind === 'hit' ? 'hits' : 'misses'}, ${connections} connection${connections === 1 ? '' : 's'}`
}
