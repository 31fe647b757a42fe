import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createReaper, createTempDir, stderrProgress, withProgress } from '@s3proxy/testkit'
import { fillPageCache } from '../lib/fill-page-cache.ts'
import {
  findProgram,
  nginx as nginxProgram,
  varnish as varnishProgram,
  wrk as wrkProgram,
} from '../lib/find-program.ts'
import { readFlags } from '../lib/flags.ts'
import { describeMachine, formatMachine, requireProc } from '../lib/machine.ts'
import { startNginxOrigin } from '../lib/nginx-origin.ts'
import { interleave } from '../lib/rounds.ts'
import { spreadOf } from '../lib/statistics.ts'
import { startPeers } from './contenders.ts'
import { measurePeer, type PeerResult } from './measure.ts'
import { formatPeers, formatVerdicts } from './report.ts'
import {
  type ContenderName,
  contendersOf,
  isHalfOf,
  type PeerScenario,
  scenarios,
  selectScenarios,
} from './scenarios.ts'
import { judge } from './targets.ts'
import { type PeersReport, reportPicture, reportText } from './write-report.ts'

const help = `npm run bench:peers -- [flags]     side by side with nginx and Varnish, each server on one core
                        all scenarios and five rounds: about 12 minutes, with a verdict on each target
  --rounds 5            interleaved rounds
  --seconds 4           length of a measurement
  --scenarios NAMES     of: ${scenarios.map(({ id }) => id).join(',')}
  --server-cores 0      cores of each server; \`all\`: not pinned
  --client-cores 1      cores of wrk and the store; \`all\`: not pinned
  --page-cache full     before the first misses, as on a server that has run for a day; \`as-is\`: as it is, saves a minute
  --cpu-prof DIR        write CPU profiles of s3proxy there
  --out FILE            write the JSON there too, and tables for Markdown and a picture beside it (.md, .svg)
  --json                print JSON instead of tables
Examples
  npm run bench:peers -- --scenarios hit-4k,hit-64k --rounds 3
  npm run bench:peers -- --scenarios hit-4k --cpu-prof /tmp/profiles   then: node bench/flame.ts /tmp/profiles/…`

const flags = readFlags(help, {
  rounds: '5',
  seconds: '4',
  scenarios: scenarios.map(({ id }) => id).join(','),
  'server-cores': '0',
  'client-cores': '1',
  'page-cache': 'full',
  'cpu-prof': '',
  out: '',
})
const pageCache = flags.text('page-cache')
if (!['full', 'as-is'].includes(pageCache)) throw new Error('--page-cache must be `full` or `as-is`')
requireProc()
const machine = describeMachine()
const startedAt = performance.now()
const nginx = await findProgram(nginxProgram, stderrProgress)
const varnish = await findProgram(varnishProgram, stderrProgress)
const wrk = await findProgram(wrkProgram, stderrProgress)
if (nginx.kind === 'missing' || wrk.kind === 'missing') {
  stderrProgress(nginx.kind === 'missing' ? nginx.why : wrk.kind === 'missing' ? wrk.why : '')
  process.exit(1)
}
const wanted = selectScenarios(flags.text('scenarios').split(','))
const coresOf = (flag: string): string | undefined => (flags.text(flag) === 'all' ? undefined : flags.text(flag))
const [serverCores, clientCores] = [coresOf('server-cores'), coresOf('client-cores')]

await using directory = await createTempDir('s3proxy-bench-')
await using reaper = createReaper()
const originDirectory = join(directory.path, 'origin')
await mkdir(originDirectory)
const sizes = [...new Set(wanted.map(({ sizeBytes }) => sizeBytes))]
const origin = await startNginxOrigin({ program: nginx, directory: originDirectory, sizes, cores: clientCores, reaper })
const { contenders, missing: notStarted } = await startPeers({
  names: new Set(wanted.flatMap(contendersOf)),
  directory: directory.path,
  origin,
  nginx,
  varnish,
  cores: serverCores,
  profileDir: flags.text('cpu-prof') === '' ? undefined : flags.text('cpu-prof'),
  reaper,
})

const results: PeerResult[] = []
const missing = [...notStarted]
const measure = (scenario: PeerScenario, name: ContenderName, round: number, seconds: number): Promise<PeerResult> => {
  const contender = contenders.get(name)
  if (contender === undefined) throw new Error(`${name} was not started`)
  const peak = spreadOf(
    results
      .filter((each) => each.contender === name && isHalfOf(scenario, each.scenario))
      .map((each) => each.requestsPerSecond),
  ).median
  const cores = scenario.anyCore === true ? undefined : clientCores
  return withProgress(
    round < 0
      ? `warming ${name}, ${scenario.title}`
      : `round ${round + 1} of ${flags.number('rounds')}, ${name}, ${scenario.title}`,
    measurePeer({ scenario, contender, round, seconds, peak, wrk: wrk.path, cores, directory: directory.path }),
    { progress: stderrProgress },
  )
}
const firstMisses = pageCache === 'full' ? wanted.find(({ objects }) => objects === 'unique') : undefined
for (const scenario of wanted) {
  if (scenario === firstMisses) {
    const filled = fillPageCache(join(directory.path, 'holes'))
    await withProgress('filling the page cache', filled, { progress: stderrProgress })
  }
  const failed = new Set<ContenderName>()
  /** One that fails keeps nobody else from being measured. */
  const attempt = async (name: ContenderName, round: number, seconds: number): Promise<PeerResult | undefined> => {
    if (failed.has(name)) return undefined
    try {
      return await measure(scenario, name, round, seconds)
    } catch (error) {
      failed.add(name)
      missing.push(`${name} failed at ${scenario.id}: ${String(error)}`)
      return undefined
    }
  }
  const running = contendersOf(scenario).filter((name) => contenders.has(name))
  for (const name of running) await attempt(name, -1, scenario.warmSeconds ?? 3)
  const measured = await interleave(flags.number('rounds'), running, (name, round) =>
    attempt(name, round, Math.max(flags.number('seconds'), scenario.minSeconds ?? 0)),
  )
  results.push(...measured.filter((result) => result !== undefined))
}
for (const contender of contenders.values()) await contender.stop()
await origin.stop()

const verdicts = judge(wanted, results)
const versions = {
  ...Object.fromEntries([...contenders].map(([name, { version }]) => [name, version])),
  wrk: wrk.version,
}
const tookSeconds = (performance.now() - startedAt) / 1000
const report: PeersReport = { kind: 'peers', machine, versions, tookSeconds, missing, verdicts, results }
const json = `${JSON.stringify(report, undefined, 2)}\n`
const out = flags.text('out')
if (out !== '') {
  await writeFile(out, json)
  await writeFile(out.replace(/(\.json)?$/, '.md'), reportText(report))
  await writeFile(out.replace(/(\.json)?$/, '.svg'), reportPicture(report))
}
process.stdout.write(
  flags.json
    ? json
    : [
        formatMachine(machine),
        `servers on core ${serverCores ?? 'any'}, wrk and the store on core ${clientCores ?? 'any'}; ${flags.number('rounds')} rounds of ${flags.number('seconds')} s; ${JSON.stringify(versions)}`,
        '',
        formatPeers(wanted, results),
        formatVerdicts(verdicts),
        ...missing.map((line) => `NOT COMPARED: ${line}`),
        `took ${Math.round(tookSeconds)} s`,
        '',
      ].join('\n'),
)
