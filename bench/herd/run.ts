import { createReaper, createTempDir, stderrProgress, withProgress } from '@s3proxy/testkit'
import { type Recipe, startContenders } from '../lib/contenders.ts'
import { readFlags } from '../lib/flags.ts'
import { startHelper } from '../lib/helper.ts'
import { describeMachine, formatMachine, requireProc } from '../lib/machine.ts'
import { startOrigin } from '../lib/origin.ts'
import { interleave } from '../lib/rounds.ts'
import type { CrowdQuestion, CrowdReport } from './crowd.ts'
import { measureHerd } from './measure.ts'
import { findFaults, formatHerd } from './report.ts'
import { rangeScenario, scenarios } from './scripts.ts'

const help = `npm run bench:herd -- [flags]     many clients read the same cold object
  --clients 100         clients; each reads the whole object
  --size-mib 300        its size
  --connections 1       connections of each client, for parts at once
  --rounds 3            interleaved rounds
  --first-byte-ms 0     how long the origin thinks before an answer
  --scenarios NAMES     of: ranges,mixed
  --only NAMES          of: s3proxy-network,s3proxy-s3,nginx
  --workers 1,2         processes of s3proxy, one contender for each number
  --nginx-workers auto  processes of nginx
  --cpu-prof DIR        write CPU profiles of s3proxy there
  --json                print JSON instead of tables`

const flags = readFlags(help, {
  clients: '100',
  'size-mib': '300',
  connections: '1',
  rounds: '3',
  'first-byte-ms': '0',
  scenarios: 'ranges,mixed',
  only: 's3proxy-network,s3proxy-s3,nginx',
  workers: '1',
  'nginx-workers': 'auto',
  'cpu-prof': '',
})
requireProc()
const machine = describeMachine()
const processes = flags.text('workers').split(',').map(Number)
const s3proxies = processes.flatMap((workers) =>
  (['network', 's3'] as const).map((authorization): Recipe & { readonly id: string } => ({
    kind: 's3proxy',
    id: `s3proxy-${authorization}`,
    name: `s3proxy-${authorization}${workers === 1 ? '' : ` x${workers}`}`,
    settings: { authorization, workers },
  })),
)
const recipes: readonly (Recipe & { readonly id?: string })[] = [
  ...s3proxies,
  { kind: 'nginx', name: 'nginx', workers: flags.text('nginx-workers') },
]
const only = new Set(flags.text('only').split(','))
await using directory = await createTempDir('s3proxy-bench-')
await using reaper = createReaper()
const origin = await startOrigin(reaper)
const crowd = startHelper<CrowdQuestion, CrowdReport>(new URL('./crowd.ts', import.meta.url), reaper)
const profileDir = flags.text('cpu-prof') === '' ? undefined : flags.text('cpu-prof')

const { contenders, missing } = await startContenders({
  recipes: recipes.filter(({ id, name }) => only.has(id ?? name)),
  directory: directory.path,
  originPort: origin.port,
  profileDir,
  reaper,
})
const rounds = flags.number('rounds')
const clients = flags.number('clients')
const common = { origin, crowd, connections: flags.number('connections'), firstByteMs: flags.number('first-byte-ms') }
const sizeBytes = flags.number('size-mib') << 20
for (const contender of contenders) {
  // Compiles what the herd will run, on a small object.
  await measureHerd({ ...common, contender, scenario: rangeScenario, round: rounds, clients: 10, sizeBytes: 32 << 20 })
}
const wanted = scenarios.filter(({ id }) => flags.text('scenarios').split(',').includes(id))
const pairs = contenders.flatMap((contender) => wanted.map((scenario) => ({ contender, scenario })))
const results = await interleave(rounds, pairs, ({ contender, scenario }, round) =>
  withProgress(
    `round ${round + 1} of ${rounds}, ${contender.name}, ${scenario.name}`,
    measureHerd({ ...common, contender, scenario, round, clients, sizeBytes }),
    { progress: stderrProgress, everyMs: 5000 },
  ),
)
for (const contender of contenders) await contender.stop()
crowd.close()
origin.close()

const faults = findFaults(results)
const versions = Object.fromEntries(contenders.map(({ name, version }) => [name, version]))
const setting = { clients, sizeBytes, connections: common.connections, firstByteMs: common.firstByteMs, rounds }
process.stdout.write(
  flags.json
    ? `${JSON.stringify({ machine, versions, setting, missing, faults, results }, undefined, 2)}\n`
    : [
        formatMachine(machine),
        `${clients} clients × ${sizeBytes >> 20} MiB, ${common.connections} connection(s) each, ${rounds} rounds; ${JSON.stringify(versions)}`,
        '',
        formatHerd(results),
        ...faults.map((fault) => `NOT AS IT MUST BE: ${fault}`),
        ...missing.map((line) => `NOT COMPARED: ${line}`),
        '',
      ].join('\n'),
)
if (faults.some((fault) => fault.startsWith('s3proxy'))) process.exitCode = 1
