import { createReaper, createTempDir, stderrProgress, withProgress } from '@s3proxy/testkit'
import { type Recipe, startContenders } from '../lib/contenders.ts'
import { readFlags } from '../lib/flags.ts'
import { startHelper } from '../lib/helper.ts'
import { describeMachine, formatMachine, requireProc } from '../lib/machine.ts'
import { startOrigin } from '../lib/origin.ts'
import type { ProbeQuestion, ProbeReport } from '../lib/probe.ts'
import { formatTable } from '../lib/table.ts'
import type { SlowQuestion, SlowReport } from './crowd.ts'
import { measureSlowReaders, type ObjectState, type SlowResult } from './measure.ts'

const help = `npm run bench:slow-readers -- [flags]     many clients that hardly read
  --readers 1000             slow readers; a third stops for good, a third closes
  --size-mib 1024            the object they all read
  --bytes-per-second 8192    pace of each
  --finishers 10             of the rest: read on to the end at full speed, every byte compared
  --states cold,warm         a fill under way; an object on disk
  --only NAMES               of: s3proxy-network,s3proxy-s3,nginx; default s3proxy-network
  --nginx-workers 1          processes of nginx
  --cpu-prof DIR             write CPU profiles of s3proxy there
  --json                     print JSON, with the memory over time`

const flags = readFlags(help, {
  readers: '1000',
  'size-mib': '1024',
  'bytes-per-second': '8192',
  finishers: '10',
  states: 'cold,warm',
  only: 's3proxy-network',
  'nginx-workers': '1',
  'cpu-prof': '',
})
requireProc()
const machine = describeMachine()
const recipes: readonly Recipe[] = [
  { kind: 's3proxy', name: 's3proxy-network', settings: { authorization: 'network' } },
  { kind: 's3proxy', name: 's3proxy-s3', settings: { authorization: 's3' } },
  { kind: 'nginx', name: 'nginx', workers: flags.text('nginx-workers') },
]
const only = new Set(flags.text('only').split(','))
const states = (['cold', 'warm'] as const satisfies readonly ObjectState[]).filter((state) =>
  flags.text('states').split(',').includes(state),
)
await using reaper = createReaper()
const origin = await startOrigin(reaper)
const crowd = startHelper<SlowQuestion, SlowReport>(new URL('./crowd.ts', import.meta.url), reaper)
const [probe, fast] = [0, 1].map(() =>
  startHelper<ProbeQuestion, ProbeReport>(new URL('../lib/probe.ts', import.meta.url), reaper),
)
if (probe === undefined || fast === undefined) throw new Error('no probes')

const readers = flags.number('readers')
const sizeBytes = flags.number('size-mib') << 20
const shared = { origin, crowd, probe, fast, readers, sizeBytes, finishers: flags.number('finishers') }
const results: SlowResult[] = []
const missing: string[] = []
for (const state of states) {
  for (const recipe of recipes.filter(({ name }) => only.has(name))) {
    // A process of its own for each run: memory does not always come back.
    await using directory = await createTempDir('s3proxy-bench-')
    const profileDir = flags.text('cpu-prof') === '' ? undefined : flags.text('cpu-prof')
    const started = await startContenders({
      recipes: [recipe],
      directory: directory.path,
      originPort: origin.port,
      profileDir,
      reaper,
    })
    missing.push(...started.missing)
    for (const contender of started.contenders) {
      const bytesPerSecond = flags.number('bytes-per-second')
      const measuring = measureSlowReaders({ ...shared, contender, state, bytesPerSecond })
      const what = `${readers} slow readers, ${contender.name}, ${state} object`
      results.push(await withProgress(what, measuring, { progress: stderrProgress, everyMs: 5000 }))
      await contender.stop()
    }
  }
}
for (const helper of [crowd, probe, fast, origin]) helper.close()

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
const rows = results.map((each) => [
  `${each.contender}, ${each.state}`,
  mib(each.rssBytes.before),
  ...Object.values(each.rssBytes.peaks).map(mib),
  mib(each.rssBytes.after),
  each.probeBefore.times.p50.toFixed(1),
  each.probeBefore.times.p99.toFixed(1),
  each.probeArriving.times.p50.toFixed(1),
  each.probeArriving.times.p99.toFixed(1),
  each.probeSlow.times.p50.toFixed(1),
  each.probeSlow.times.p99.toFixed(1),
  each.probeFast.times.p50.toFixed(1),
  each.probeFast.times.p99.toFixed(1),
  each.fastReader.gbPerSecond.toFixed(2),
  `${each.originRatio.toFixed(3)}×`,
  `${each.finished} / ${each.wrong + each.fastReader.wrong + each.probeArriving.wrong + each.probeSlow.wrong + each.probeFast.wrong} / ${each.brokenOff}`,
])
const phases = results[0] === undefined ? [] : Object.keys(results[0].rssBytes.peaks)
const header = [
  'RSS in MiB',
  'before',
  ...phases,
  'after',
  'small hit: p50 ms',
  'p99',
  'while they arrive: p50',
  'p99',
  'with slow ones: p50',
  'p99',
  'with fast ones: p50',
  'p99',
  'fast GB/s',
  'origin sent',
  'right / wrong / broken off',
]
process.stdout.write(
  flags.json
    ? `${JSON.stringify({ machine, readers, sizeBytes, missing, results }, undefined, 2)}\n`
    : `${[formatMachine(machine), `${readers} readers of ${mib(sizeBytes)} MiB`, '', formatTable(header, rows), ...missing].join('\n')}\n`,
)
