import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createReaper, createTempDir, stderrProgress, withProgress } from '@s3proxy/testkit'
import { findProgram, nginx as nginxProgram, wrk as wrkProgram } from '../lib/find-program.ts'
import { describeMachine, formatMachine, requireProc } from '../lib/machine.ts'
import { startNginxOrigin } from '../lib/nginx-origin.ts'
import { startS3proxy } from '../lib/s3proxy.ts'
import { formatTable } from '../lib/table.ts'
import { settingsOf } from '../peers/contenders.ts'
import { measurePeer, type PeerResult } from '../peers/measure.ts'
import { selectScenarios } from '../peers/scenarios.ts'
import { type Change, changeOf } from './change.ts'
import { checkOut } from './checkout.ts'
import { readCompareFlags } from './flags.ts'

const flags = readCompareFlags()
requireProc()
const machine = describeMachine()
const [nginx, wrk] = [await findProgram(nginxProgram, stderrProgress), await findProgram(wrkProgram, stderrProgress)]
if (nginx.kind === 'missing' || wrk.kind === 'missing') {
  throw new Error(nginx.kind === 'missing' ? nginx.why : wrk.kind === 'missing' ? wrk.why : '')
}
const scenarios = selectScenarios(flags.scenarios)

await using directory = await createTempDir('s3proxy-compare-')
await using reaper = createReaper()
const before = await checkOut(flags.before, directory.path)
const after = flags.after === undefined ? undefined : await checkOut(flags.after, directory.path)
const sides = [
  { name: 'before', checkout: before.path },
  { name: 'after', checkout: after?.path },
] as const

const originDirectory = join(directory.path, 'origin')
await mkdir(originDirectory)
const sizes = [...new Set(scenarios.map(({ sizeBytes }) => sizeBytes))]
const origin = await startNginxOrigin({ program: nginx, directory: originDirectory, sizes, cores: '1', reaper })

const rows: { scenario: string; change: Change; results: PeerResult[] }[] = []
for (const scenario of scenarios) {
  const settings = settingsOf(scenario.ours, origin.caFile)
  const originPort = settings.caFile === undefined ? origin.httpPort : origin.httpsPort
  const contenders = []
  for (const { name, checkout } of sides) {
    const own = join(directory.path, `${scenario.id}-${name}`)
    await mkdir(own)
    contenders.push(
      await startS3proxy({
        name,
        directory: own,
        originPort,
        settings,
        profileDir: undefined,
        cores: '0',
        checkout,
        reaper,
      }),
    )
  }
  const results: PeerResult[] = []
  for (let round = -1; round < flags.rounds; round++) {
    const order = round % 2 === 0 ? contenders : [...contenders].reverse()
    for (const contender of order) {
      const measuring = measurePeer({
        scenario,
        contender,
        round,
        seconds: round < 0 ? 2 : flags.seconds,
        peak: undefined,
        wrk: wrk.path,
        cores: '1',
        directory: directory.path,
      })
      const what = `${scenario.id}, ${contender.name}, round ${round + 1} of ${flags.rounds}`
      const result = await withProgress(what, measuring, { progress: stderrProgress })
      if (round >= 0) results.push(result)
    }
  }
  for (const contender of contenders) await contender.stop()
  const figure = (name: string, round: number): number =>
    results.find((each) => (each.contender as string) === name && each.round === round)?.requestsPerCpuSecond ??
    Number.NaN
  const pairs = Array.from({ length: flags.rounds }, (_, round) => ({
    before: figure('before', round),
    after: figure('after', round),
  }))
  rows.push({ scenario: scenario.id, change: changeOf(pairs), results })
}
await origin.stop()
await before.remove()
await after?.remove()

const names = `${before.commit} → ${after?.commit ?? 'working tree'}`
const table = formatTable(
  ['requests per CPU-second', 'ratio', 'from', 'to', ''],
  rows.map(({ scenario, change: { ratio, from, to, verdict } }) => [
    scenario,
    ...[ratio, from, to].map((value) => value.toFixed(3)),
    verdict === 'same' ? '' : verdict.toUpperCase(),
  ]),
)
process.stdout.write(
  flags.json
    ? `${JSON.stringify({ kind: 'compare', machine, before: before.commit, after: after?.commit, rows }, undefined, 2)}\n`
    : `${formatMachine(machine)}\n${names}, ${flags.rounds} rounds of ${flags.seconds} s\n\n${table}`,
)
if (rows.some(({ change }) => change.verdict === 'slower')) process.exitCode = 1
