import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createReaper, createTempDir, stderrProgress, withProgress } from '@s3proxy/testkit'
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
import { type ContenderName, isHalfOf, type PeerScenario, scenarios, selectScenarios } from './scenarios.ts'
import { judge } from './targets.ts'

const help = `npm run bench:peers -- [flags]     side by side with nginx and Varnish, each server on one core
  --rounds 5            interleaved rounds
  --seconds 4           length of a measurement
  --scenarios NAMES     of: ${scenarios.map(({ id }) => id).join(',')}
  --server-cores 0      cores of each server; \`all\`: not pinned
  --client-cores 1      cores of wrk and the store; \`all\`: not pinned
  --cpu-prof DIR        write CPU profiles of s3proxy there
  --out FILE            write the JSON there too
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
  'cpu-prof': '',
  out: '',
})
requireProc()
const machine = describeMachine()
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
const contenders = await startPeers({
  names: new Set(wanted.flatMap(({ ours, peers }) => [ours, ...peers])),
  directory: directory.path,
  origin,
  nginx,
  varnish,
  cores: serverCores,
  profileDir: flags.text('cpu-prof') === '' ? undefined : flags.text('cpu-prof'),
  reaper,
})

const results: PeerResult[] = []
const measure = (scenario: PeerScenario, name: ContenderName, round: number, seconds: number): Promise<PeerResult> => {
  const contender = contenders.get(name)
  if (contender === undefined) throw new Error(`${name} was not started`)
  const peak = spreadOf(
    results
      .filter((each) => each.contender === name && isHalfOf(scenario, each.scenario))
      .map((each) => each.requestsPerSecond),
  ).median
  const cores = clientCores
  return withProgress(
    round < 0
      ? `warming ${name}, ${scenario.title}`
      : `round ${round + 1} of ${flags.number('rounds')}, ${name}, ${scenario.title}`,
    measurePeer({ scenario, contender, round, seconds, peak, wrk: wrk.path, cores, directory: directory.path }),
    { progress: stderrProgress },
  )
}
for (const scenario of wanted) {
  const running = [scenario.ours, ...scenario.peers].filter((name) => contenders.has(name))
  for (const name of running) await measure(scenario, name, -1, 2)
  results.push(
    ...(await interleave(flags.number('rounds'), running, (name, round) =>
      measure(scenario, name, round, flags.number('seconds')),
    )),
  )
}
for (const contender of contenders.values()) await contender.stop()
await origin.stop()

const verdicts = judge(wanted, results)
const versions = {
  ...Object.fromEntries([...contenders].map(([name, { version }]) => [name, version])),
  wrk: wrk.version,
}
const missing = varnish.kind === 'missing' ? [varnish.why] : []
const json = `${JSON.stringify({ kind: 'peers', machine, versions, missing, verdicts, results }, undefined, 2)}\n`
if (flags.text('out') !== '') await writeFile(flags.text('out'), json)
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
        '',
      ].join('\n'),
)
