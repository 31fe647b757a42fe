import { setTimeout as sleep } from 'node:timers/promises'
import type { Contender } from '../lib/contender.ts'
import type { Helper } from '../lib/helper.ts'
import { objectPath } from '../lib/object-name.ts'
import type { ProbeQuestion, ProbeReport } from '../lib/probe.ts'
import { signedHead } from '../lib/signed-request.ts'
import type { Behaviour, SocketsQuestion, SocketsReport } from './crowd.ts'

/** What a crowd of connections of one behaviour did to a contender. */
export interface SocketsResult {
  readonly contender: string
  readonly behaviour: Behaviour
  readonly asked: number
  readonly opened: number
  /** Connections still there at the end of the watch. */
  readonly openAfter: number
  /** Resident memory: before, most while they were there, and when all had left. */
  readonly rssBytes: { readonly before: number; readonly most: number; readonly after: number }
  /** Memory of each, `most` less `before`. */
  readonly bytesEach: number
  /** Hits of 64 KiB read meanwhile by somebody else; and before. */
  readonly hits: ProbeReport
  readonly hitsBefore: ProbeReport
  /** Processor time of the server while they were there, per second. */
  readonly cores: number
}

export interface SocketsOptions {
  readonly contender: Contender
  readonly behaviour: Behaviour
  readonly count: number
  readonly crowd: Helper<SocketsQuestion, SocketsReport>
  readonly probe: Helper<ProbeQuestion, ProbeReport>
  /** How long they are watched. */
  readonly seconds: number
}

const probeObject = { sizeBytes: 64 * 1024, bytesPerSecond: 0, firstByteMs: 0 }
const largeObject = { sizeBytes: 64 << 20, bytesPerSecond: 0, firstByteMs: 0 }

/** Opens the crowd, watches it, lets it go. */
export async function measureSockets(options: SocketsOptions): Promise<SocketsResult> {
  const { contender, behaviour, count, crowd, probe, seconds } = options
  const { port } = contender
  const path = objectPath('probe', probeObject)
  const request = { head: await signedHead(path, undefined), start: 0, end: probeObject.sizeBytes }
  const wanted = objectPath('large', behaviour === 'never-read' ? largeObject : probeObject)
  const head = await signedHead(behaviour === 'idle' ? path : wanted, undefined)

  const probing = async (during: () => Promise<unknown>): Promise<ProbeReport> => {
    await probe.ask({ kind: 'start', port, request, everyMs: 5 })
    await during()
    return probe.ask({ kind: 'stop' })
  }
  const hitsBefore = await probing(() => sleep(2000))
  const rssBefore = contender.usage().rssBytes
  let most = rssBefore
  const watching = setInterval(() => {
    most = Math.max(most, contender.usage().rssBytes)
  }, 250)
  const usedBefore = contender.usage().cpuSeconds
  const startedAt = performance.now()
  let report: SocketsReport | undefined
  const hits = await probing(async () => {
    await crowd.ask({ kind: 'open', port, behaviour, count, head })
    await sleep(seconds * 1000)
    report = await crowd.ask({ kind: 'report' })
  })
  const cores = (contender.usage().cpuSeconds - usedBefore) / ((performance.now() - startedAt) / 1000)
  await crowd.ask({ kind: 'close' })
  await sleep(2000)
  clearInterval(watching)
  return {
    contender: contender.name,
    behaviour,
    asked: count,
    opened: report?.opened ?? 0,
    openAfter: report?.open ?? 0,
    rssBytes: { before: rssBefore, most, after: contender.usage().rssBytes },
    bytesEach: (most - rssBefore) / count,
    hits,
    hitsBefore,
    cores,
  }
}
