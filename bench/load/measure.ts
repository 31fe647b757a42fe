import type { Contender } from '../lib/contender.ts'
import { objectPath } from '../lib/object-name.ts'
import type { Origin } from '../lib/origin.ts'
import { signedHeaders } from '../lib/signed-request.ts'
import { runWrk, type WrkReport } from './wrk.ts'

/** A contender under load with hits on one object. */
export interface LoadResult extends WrkReport {
  readonly contender: string
  readonly sizeBytes: number
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
  readonly sizeBytes: number
  readonly round: number
  readonly origin: Origin
  readonly wrk: string
  readonly connections: number
  readonly seconds: number
}

/** Loads a contender for some seconds. The object must have been read before. */
export async function measureLoad(options: LoadOptions): Promise<LoadResult> {
  const { contender, sizeBytes, round, origin, wrk, connections, seconds } = options
  const path = hotObject(sizeBytes)
  const headers = await signedHeaders(path, undefined)
  const sentBefore = await origin.counters()
  const before = contender.usage()
  const report = await runWrk({ program: wrk, port: contender.port, path, headers, connections, seconds })
  const cpuSeconds = contender.usage().cpuSeconds - before.cpuSeconds
  const sent = await origin.counters()
  return {
    ...report,
    contender: contender.name,
    sizeBytes,
    round,
    requestsPerSecond: report.requests / report.seconds,
    requestsPerCpuSecond: report.requests / cpuSeconds,
    gbPerSecond: (report.requests * sizeBytes) / report.seconds / 1e9,
    gbPerCpuSecond: (report.requests * sizeBytes) / cpuSeconds / 1e9,
    serverCores: cpuSeconds / report.seconds,
    originBytes: sent.bodyBytes - sentBefore.bodyBytes,
  }
}

/** The path of the object of this size that everybody reads. */
export function hotObject(sizeBytes: number): string {
  return objectPath('hot', { sizeBytes, bytesPerSecond: 0, firstByteMs: 0 })
}
