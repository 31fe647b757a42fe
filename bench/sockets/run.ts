import { createReaper, createTempDir, stderrProgress, withProgress } from '@s3proxy/testkit'
import { type Recipe, startContenders } from '../lib/contenders.ts'
import { readFlags } from '../lib/flags.ts'
import { startHelper } from '../lib/helper.ts'
import { describeMachine, formatMachine, requireProc } from '../lib/machine.ts'
import { startOrigin } from '../lib/origin.ts'
import type { ProbeQuestion, ProbeReport } from '../lib/probe.ts'
import { formatTable } from '../lib/table.ts'
import type { Behaviour, SocketsQuestion, SocketsReport } from './crowd.ts'
import { measureSockets, type SocketsResult } from './measure.ts'

const behaviours: readonly Behaviour[] = ['idle', 'half-open', 'slow-head', 'endless-head', 'never-read']
const help = `npm run bench:sockets -- [flags]     connections that do nothing, and those that mean harm
  --idle 10000          kept-alive connections after one answer each
  --hostile 2000        connections of each other kind
  --seconds 10          how long each crowd is watched
  --behaviours NAMES    of: ${behaviours.join(',')}
  --only NAMES          of: s3proxy,nginx
  --json                print JSON instead of a table
Each connection needs two file descriptors: raise the limit (ulimit -n) for more.`

const flags = readFlags(help, {
  idle: '10000',
  hostile: '2000',
  seconds: '10',
  behaviours: behaviours.join(','),
  only: 's3proxy,nginx',
})
requireProc()
const machine = describeMachine()
const recipes: readonly Recipe[] = [
  { kind: 's3proxy', name: 's3proxy', settings: { authorization: 'network' } },
  { kind: 'nginx', name: 'nginx', workers: '1' },
]
const only = new Set(flags.text('only').split(','))
await using reaper = createReaper()
const origin = await startOrigin(reaper)
const crowd = startHelper<SocketsQuestion, SocketsReport>(new URL('./crowd.ts', import.meta.url), reaper)
const probe = startHelper<ProbeQuestion, ProbeReport>(new URL('../lib/probe.ts', import.meta.url), reaper)
const results: SocketsResult[] = []
const missing: string[] = []
for (const recipe of recipes.filter(({ name }) => only.has(name))) {
  for (const behaviour of behaviours.filter((name) => flags.text('behaviours').split(',').includes(name))) {
    // A process of its own for each: memory does not always come back.
    await using directory = await createTempDir('s3proxy-bench-')
    const started = await startContenders({
      recipes: [recipe],
      directory: directory.path,
      originPort: origin.port,
      profileDir: undefined,
      reaper,
    })
    missing.push(...started.missing)
    for (const contender of started.contenders) {
      const count = flags.number(behaviour === 'idle' ? 'idle' : 'hostile')
      const measuring = measureSockets({ contender, behaviour, count, crowd, probe, seconds: flags.number('seconds') })
      results.push(
        await withProgress(`${count} × ${behaviour}, ${contender.name}`, measuring, { progress: stderrProgress }),
      )
      await contender.stop()
    }
  }
}
probe.close()
crowd.close()
origin.close()

const mebibytes = (bytes: number): string => (bytes / (1 << 20)).toFixed(0)
const header = [
  '',
  'opened',
  'left',
  'RSS before',
  'most',
  'after (MiB)',
  'each KiB',
  'hit p50',
  'p99',
  'p99 before',
  'wrong',
  'cores',
]
const rows = results.map((each) => [
  `${each.contender}, ${each.behaviour}`,
  String(each.opened),
  String(each.openAfter),
  mebibytes(each.rssBytes.before),
  mebibytes(each.rssBytes.most),
  mebibytes(each.rssBytes.after),
  (each.bytesEach / 1024).toFixed(1),
  `${each.hits.times.p50.toFixed(1)} ms`,
  `${each.hits.times.p99.toFixed(1)} ms`,
  `${each.hitsBefore.times.p99.toFixed(1)} ms`,
  String(each.hits.wrong),
  each.cores.toFixed(2),
])
process.stdout.write(
  flags.json
    ? `${JSON.stringify({ kind: 'sockets', machine, missing, results }, undefined, 2)}\n`
    : [formatMachine(machine), '', formatTable(header, rows), ...missing.map((why) => `NOT COMPARED: ${why}`)].join(
        '\n',
      ),
)
