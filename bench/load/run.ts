import { createReaper, createTempDir, stderrProgress, withProgress } from '@s3proxy/testkit'
import { type Recipe, startContenders } from '../lib/contenders.ts'
import { findProgram, wrk } from '../lib/find-program.ts'
import { readFlags } from '../lib/flags.ts'
import { describeMachine, formatMachine, requireProc } from '../lib/machine.ts'
import { startOrigin } from '../lib/origin.ts'
import { interleave } from '../lib/rounds.ts'
import { type Load, measureLoad, nameOf } from './measure.ts'
import { formatLoad } from './report.ts'

const help = `npm run bench:load -- [flags]     hits and misses, as many as one thread of wrk can ask for
  --sizes-kib 4,64,1024,8192   objects; of 8 MiB and more, a signed range of an object eight times as large
  --kinds hit           of: hit,miss
  --connections 32      one or several: 1,32,1024
  --seconds 4                  length of a measurement
  --rounds 3                   interleaved rounds
  --only NAMES                 of: ram-network,ram-s3,disk-network,disk-s3,nginx
  --nginx-workers 1            processes of nginx
  --cpu-prof DIR               write CPU profiles of s3proxy there
  --json                       print JSON instead of tables`

const flags = readFlags(help, {
  'sizes-kib': '4,64,1024,8192',
  kinds: 'hit',
  connections: '32',
  seconds: '4',
  rounds: '3',
  only: 'ram-network,ram-s3,disk-network,disk-s3,nginx',
  'nginx-workers': '1',
  'cpu-prof': '',
})
requireProc()
const machine = describeMachine()
const program = await findProgram(wrk, stderrProgress)
if (program.kind === 'missing') {
  stderrProgress(program.why)
  process.exit(1)
}
const recipes: readonly Recipe[] = [
  { kind: 's3proxy', name: 'ram-network', settings: { authorization: 'network' } },
  { kind: 's3proxy', name: 'ram-s3', settings: { authorization: 's3' } },
  { kind: 's3proxy', name: 'disk-network', settings: { authorization: 'network', memory: '0' } },
  { kind: 's3proxy', name: 'disk-s3', settings: { authorization: 's3', memory: '0' } },
  { kind: 'nginx', name: 'nginx', workers: flags.text('nginx-workers') },
]
const only = new Set(flags.text('only').split(','))
await using directory = await createTempDir('s3proxy-bench-')
await using reaper = createReaper()
const origin = await startOrigin(reaper)
const { contenders, missing } = await startContenders({
  recipes: recipes.filter(({ name }) => only.has(name)),
  directory: directory.path,
  originPort: origin.port,
  profileDir: flags.text('cpu-prof') === '' ? undefined : flags.text('cpu-prof'),
  reaper,
})

const rounds = flags.number('rounds')
const sizes = flags
  .text('sizes-kib')
  .split(',')
  .map((size) => Number(size) * 1024)
const kinds = flags.text('kinds').split(',').map(kindOf)
const connectionCounts = flags.text('connections').split(',').map(Number)
const common = { origin, wrk: program.path, directory: directory.path }
const loads: readonly Load[] = sizes.flatMap((sizeBytes) =>
  kinds.flatMap((kind) => connectionCounts.map((connections) => ({ sizeBytes, kind, connections }))),
)
const pairs = loads.flatMap((load) => contenders.map((contender) => ({ contender, load })))
for (const pair of pairs) {
  const warming = measureLoad({ ...common, ...pair, round: -1, seconds: 1 })
  await withProgress(`warming ${pair.contender.name}, ${nameOf(pair.load)}`, warming, { progress: stderrProgress })
}
const results = await interleave(rounds, pairs, (pair, round) =>
  withProgress(
    `round ${round + 1} of ${rounds}, ${pair.contender.name}, ${nameOf(pair.load)}`,
    measureLoad({ ...common, ...pair, round, seconds: flags.number('seconds') }),
    { progress: stderrProgress },
  ),
)
for (const contender of contenders) await contender.stop()
origin.close()

const versions = { ...Object.fromEntries(contenders.map(({ name, version }) => [name, version])), wrk: program.version }
process.stdout.write(
  flags.json
    ? `${JSON.stringify({ kind: 'load', machine, versions, missing, results }, undefined, 2)}\n`
    : [
        formatMachine(machine),
        `${rounds} rounds; ${JSON.stringify(versions)}`,
        '',
        formatLoad(results),
        ...missing.map((line) => `NOT COMPARED: ${line}`),
        '',
      ].join('\n'),
)

function kindOf(name: string): Load['kind'] {
  if (name !== 'hit' && name !== 'miss') throw new Error(`--kinds takes hit and miss, not \`${name}\``)
  return name
}
