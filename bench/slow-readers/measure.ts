import { setTimeout as sleep } from 'node:timers/promises'
import type { Contender } from '../lib/contender.ts'
import type { Helper } from '../lib/helper.ts'
import type { MemorySample } from '../lib/memory-log.ts'
import { startMemoryLog } from '../lib/memory-log.ts'
import { objectPath } from '../lib/object-name.ts'
import type { Origin } from '../lib/origin.ts'
import type { ProbeQuestion, ProbeReport } from '../lib/probe.ts'
import type { RawRequest } from '../lib/raw-connection.ts'
import { signedHead } from '../lib/signed-request.ts'
import type { SlowQuestion, SlowReport } from './crowd.ts'

/** What is read: an object that nobody has read before and that comes at the pace of a store, or one on disk. */
export type ObjectState = 'cold' | 'warm'

/** What a crowd of slow readers did to a contender. */
export interface SlowResult {
  readonly contender: string
  readonly state: ObjectState
  /** Resident memory before, at the most in each phase, and after everyone left and others went on for a while. */
  readonly rssBytes: {
    readonly before: number
    readonly peak: number
    readonly peaks: Readonly<Record<Phase, number>>
    readonly after: number
  }
  /** Small hits of another client: before, while the crowd arrives, with it, and while some of it read at full speed. */
  readonly probeBefore: ProbeReport
  readonly probeArriving: ProbeReport
  readonly probeSlow: ProbeReport
  readonly probeFast: ProbeReport
  /** One client that reads the whole object at full speed in the midst of it. */
  readonly fastReader: { readonly gbPerSecond: number; readonly wrong: number }
  /** Slow readers that were to read on to the end. */
  readonly finished: number
  readonly wrong: number
  /** Connections that the proxy ended though their reader wanted more. */
  readonly brokenOff: number
  /** Bytes the origin sent for the object over its size. */
  readonly originRatio: number
  readonly samples: readonly MemorySample[]
}

type Phase = 'arriving' | 'stopped and closed' | 'fast reader' | 'finishing' | 'gone'

export interface SlowOptions {
  readonly contender: Contender
  readonly state: ObjectState
  readonly origin: Origin
  readonly crowd: Helper<SlowQuestion, SlowReport>
  readonly probe: Helper<ProbeQuestion, ProbeReport>
  readonly fast: Helper<ProbeQuestion, ProbeReport>
  readonly readers: number
  readonly finishers: number
  readonly sizeBytes: number
  readonly bytesPerSecond: number
}

const smallBytes = 64 * 1024
/** Pace of the origin for the cold object: a fill of 1 GiB is under way for 16 s. */
const storeBytesPerSecond = 64 << 20

/** Puts a contender through it. About a minute. */
export async function measureSlowReaders(options: SlowOptions): Promise<SlowResult> {
  const { contender, state, origin, crowd, probe, fast, readers, sizeBytes } = options
  const { port, name } = contender
  const small = await wholeObject(`small-${name}-${state}`, smallBytes, 0)
  const big = await wholeObject(`big-${name}-${state}`, sizeBytes, state === 'cold' ? storeBytesPerSecond : 0)
  await fast.ask({ kind: 'once', port, request: small })
  if (state === 'warm') await fast.ask({ kind: 'once', port, request: big })
  const watch = async (): Promise<void> => {
    await probe.ask({ kind: 'start', port, request: small, everyMs: 10 })
  }
  await watch()
  await sleep(3000)
  const probeBefore = await probe.ask({ kind: 'stop' })

  const sentBefore = await origin.counters()
  const memory = startMemoryLog(contender)
  const before = memory.peakBytes()
  await watch()
  const enter = (phase: Phase): void => memory.phase(phase)
  enter('arriving')
  await crowd.ask({ kind: 'start', port, request: big, readers, bytesPerSecond: options.bytesPerSecond })
  await sleep(8000)
  const probeArriving = await probe.ask({ kind: 'stop' })
  await watch()
  enter('stopped and closed')
  const third = Math.floor(readers / 3)
  await crowd.ask({ kind: 'part', stop: third, close: third })
  await sleep(4000)
  const probeSlow = await probe.ask({ kind: 'stop' })
  await watch()
  enter('fast reader')
  const fastReader = await fast.ask({ kind: 'once', port, request: big })
  enter('finishing')
  const finishing = await crowd.ask({ kind: 'finish', readers: options.finishers })
  const probeFast = await probe.ask({ kind: 'stop' })
  enter('gone')
  await crowd.ask({ kind: 'end' })
  // Memory comes back as other work goes on, not by itself.
  await watch()
  await sleep(10_000)
  await probe.ask({ kind: 'stop' })
  memory.stop()
  const sent = await origin.counters()
  const phases: readonly Phase[] = ['arriving', 'stopped and closed', 'fast reader', 'finishing', 'gone']
  return {
    contender: name,
    state,
    rssBytes: {
      before,
      peak: memory.peakBytes(),
      peaks: Object.fromEntries(phases.map((phase) => [phase, memory.peakBytes(phase)])) as Record<Phase, number>,
      after: contender.usage().rssBytes,
    },
    probeBefore,
    probeArriving,
    probeSlow,
    probeFast,
    fastReader: { gbPerSecond: sizeBytes / fastReader.maxMs / 1e6, wrong: fastReader.wrong },
    finished: finishing.finished,
    wrong: finishing.wrong,
    brokenOff: finishing.brokenOff,
    originRatio: (sent.bodyBytes - sentBefore.bodyBytes) / sizeBytes,
    samples: memory.samples,
  }
}

async function wholeObject(label: string, sizeBytes: number, bytesPerSecond: number): Promise<RawRequest> {
  const path = objectPath(label, { sizeBytes, bytesPerSecond, firstByteMs: 0 })
  return { head: await signedHead(path, undefined), start: 0, end: sizeBytes }
}
