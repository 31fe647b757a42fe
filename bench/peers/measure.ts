import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contender } from '../lib/contender.ts'
import { objectPath } from '../lib/object-name.ts'
import { signedHeaders } from '../lib/signed-request.ts'
import { writeScript } from '../load/script.ts'
import { runWrk, type WrkReport } from '../load/wrk.ts'
import { paceOf } from './pace.ts'
import type { ContenderName, PeerScenario } from './scenarios.ts'

/** A contender under one kind of load. GB are 10^9 bytes of bodies. */
export interface PeerResult extends WrkReport {
  readonly scenario: string
  readonly contender: ContenderName
  readonly round: number
  readonly requestsPerSecond: number
  /** Per second of processor time of the server, user and kernel mode, children included. */
  readonly requestsPerCpuSecond: number
  /** The same times the processes that serve. */
  readonly capacity: number
  readonly gbPerSecond: number
  readonly gbPerCpuSecond: number
  /** Processor time of the server over time. */
  readonly serverCores: number
  readonly rssBytes: number
}

export interface MeasureOptions {
  readonly scenario: PeerScenario
  readonly contender: Contender
  readonly round: number
  readonly seconds: number
  /** For scenarios at half pace: what the contender manages at full pace, in requests per second. */
  readonly peak: number | undefined
  readonly wrk: string
  /** Cores of the load generator. */
  readonly cores: string | undefined
  /** Folder for scripts. */
  readonly directory: string
}

const largeBytes = 1 << 20

/** Loads a contender for some seconds. */
export async function measurePeer(options: MeasureOptions): Promise<PeerResult> {
  const { scenario, contender, round, seconds } = options
  const { sizeBytes, range } = scenario
  const object = (label: string): string => objectPath(label, { sizeBytes, bytesPerSecond: 0, firstByteMs: 0 })
  const hot = object('hot')
  const pace = scenario.pace.kind === 'half' ? paceOf((options.peak ?? 0) / 2) : { ...scenario, thinkMs: 0 }
  const script = join(options.directory, `${scenario.id}-${contender.name}-${round}.lua`)
  const [before, after] = hot.split('/hot/') as [string, string]
  const path =
    scenario.objects === 'same'
      ? ({ kind: 'same', path: hot } as const)
      : ({ kind: 'unique', before: `${before}/${contender.name}-${round}-${Date.now()}-`, after: `/${after}` } as const)
  await writeFile(script, writeScript({ headers: await signedHeaders(hot, range), path, thinkMs: pace.thinkMs }))
  const usedBefore = contender.usage()
  const report = await runWrk({
    program: options.wrk,
    port: contender.port,
    path: hot,
    headers: [],
    connections: pace.connections,
    seconds,
    script,
    cores: options.cores,
  })
  const used = contender.usage()
  const cpuSeconds = used.cpuSeconds - usedBefore.cpuSeconds
  const length = range === undefined ? sizeBytes : range.end - range.start
  // Of large answers few end within a measurement, so those that had not yet count too; their heads are nothing.
  const bytes = length >= largeBytes ? report.readBytes : report.requests * length
  return {
    ...report,
    scenario: scenario.id,
    contender: contender.name as ContenderName,
    round,
    requestsPerSecond: report.requests / report.seconds,
    requestsPerCpuSecond: report.requests / cpuSeconds,
    capacity: ((contender.workers ?? 1) * report.requests) / cpuSeconds,
    gbPerSecond: bytes / report.seconds / 1e9,
    gbPerCpuSecond: bytes / cpuSeconds / 1e9,
    serverCores: cpuSeconds / report.seconds,
    rssBytes: used.rssBytes,
  }
}
