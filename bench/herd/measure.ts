import type { Contender } from '../lib/contender.ts'
import type { Helper } from '../lib/helper.ts'
import { objectPath } from '../lib/object-name.ts'
import type { Origin } from '../lib/origin.ts'
import { type Percentiles, percentilesOf } from '../lib/statistics.ts'
import type { CrowdQuestion, CrowdReport } from './crowd.ts'
import { type Scenario, writeScripts } from './scripts.ts'

/** One herd on one cold object. Times in milliseconds, GB are 10^9 bytes. */
export interface HerdResult {
  readonly contender: string
  readonly scenario: string
  readonly round: number
  /** Bytes the origin sent over the object's size. */
  readonly originRatio: number
  readonly originRequests: number
  readonly wallMs: number
  readonly gbPerSecond: number
  readonly gbPerCpuSecond: number
  /** Processor time during the herd. */
  readonly cpuSeconds: { readonly server: number; readonly origin: number; readonly clients: number }
  readonly leaders: Percentiles
  readonly followers: Percentiles
  readonly wrong: number
  /** Resident memory of the server after it. */
  readonly rssBytes: number
}

export interface HerdOptions {
  readonly contender: Contender
  readonly scenario: Scenario
  readonly round: number
  readonly origin: Origin
  readonly crowd: Helper<CrowdQuestion, CrowdReport>
  readonly clients: number
  readonly connections: number
  readonly sizeBytes: number
  readonly firstByteMs: number
}

/** Lets a herd loose on an object that nobody has read before. */
export async function measureHerd(options: HerdOptions): Promise<HerdResult> {
  const { contender, scenario, round, origin, crowd, sizeBytes, firstByteMs } = options
  const label = `${scenario.name}-${contender.name}-${round}`.replaceAll(/[^\w-]/g, '-')
  const path = objectPath(label, { sizeBytes, bytesPerSecond: 0, firstByteMs })
  const scripts = await writeScripts(scenario, path, sizeBytes)
  const clients = Array.from({ length: options.clients }, (_, index) => index % scripts.length)

  const [sentBefore, serverBefore, originBefore] = [await origin.counters(), contender.usage(), origin.usage()]
  const report = await crowd.ask({ port: contender.port, scripts, clients, connections: options.connections })
  const [server, originAfter] = [contender.usage(), origin.usage()]
  const sent = await origin.counters()
  const cpuSeconds = {
    server: server.cpuSeconds - serverBefore.cpuSeconds,
    origin: originAfter.cpuSeconds - originBefore.cpuSeconds,
    clients: report.cpuSeconds,
  }
  return {
    contender: contender.name,
    scenario: scenario.name,
    round,
    originRatio: (sent.bodyBytes - sentBefore.bodyBytes) / sizeBytes,
    originRequests: sent.bodies - sentBefore.bodies,
    wallMs: report.wallMs,
    gbPerSecond: report.bytes / report.wallMs / 1e6,
    gbPerCpuSecond: report.bytes / cpuSeconds.server / 1e9,
    cpuSeconds,
    leaders: percentilesOf(report.leaders),
    followers: percentilesOf(report.followers),
    wrong: report.wrong,
    rssBytes: server.rssBytes,
  }
}
