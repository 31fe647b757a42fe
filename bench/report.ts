import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { formatMachine, type Machine } from './lib/machine.ts'
import { ratioChart } from './lib/ratio-chart.ts'
import { markdownOf } from './peers/markdown.ts'
import type { PeerResult } from './peers/measure.ts'
import { scenarios } from './peers/scenarios.ts'
import type { Verdict } from './peers/targets.ts'

const help = `node bench/report.ts FILE.json [--svg FILE.svg]     Markdown of what \`bench:peers -- --out FILE.json\` wrote
  --svg FILE            draw the ratios there
Example
  npm run bench:peers -- --out peers.json && node bench/report.ts peers.json --svg docs/images/peers.svg`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' }, svg: { type: 'string' } },
})
const [file] = positionals
if (values.help === true || file === undefined) {
  process.stdout.write(`${help}\n`)
  process.exit(values.help === true ? 0 : 2)
}
const report = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly kind?: string
  readonly machine: Machine
  readonly versions: { readonly nginx?: string; readonly varnish?: string }
  readonly verdicts: readonly Verdict[]
  readonly results: readonly PeerResult[]
}
if (report.kind !== 'peers') throw new Error(`${file} is not what bench:peers writes`)
const rounds = new Set(report.results.map(({ round }) => round)).size
process.stdout.write(
  `${formatMachine(report.machine)}; ${rounds} rounds; nginx ${report.versions.nginx ?? '–'}, Varnish ${report.versions.varnish ?? '–'}\n\n${markdownOf(scenarios, report.results, report.verdicts)}`,
)
if (values.svg !== undefined) {
  const bars = report.verdicts.map(({ title, target, ratio, bestPeer, met }) => ({
    label: `${title}, ${target.metric === 'p99Ms' ? 'p99 (less is better)' : target.metric.replace('PerCpuSecond', '/CPU-s').replace('PerSecond', '/s')}`,
    ratio,
    target: target.factor,
    met,
    to: bestPeer,
  }))
  writeFileSync(values.svg, ratioChart('s3proxy beside nginx and Varnish, one core each (mark: the target)', bars))
}
