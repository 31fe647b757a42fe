import { writeFileSync } from 'node:fs'
import { readFlags } from '../lib/flags.ts'
import { describeMachine, formatMachine } from '../lib/machine.ts'
import { createProgress } from '../lib/progress.ts'
import { parseCapacities } from './capacities.ts'
import { compare } from './compare.ts'
import { policies } from './policies.ts'
import { drawMissRatios, formatRatios } from './report.ts'
import { footprintBytes, haveEqualSizes, type Trace } from './trace.ts'
import { formatNames } from './traces/formats.ts'
import { readTrace } from './traces/read-trace.ts'
import { makeWorkload, workloads } from './workloads.ts'

const help = `Compares eviction policies on workloads and traces: hit ratio and byte hit ratio beside what is possible at all.

  npm run bench:simulate                                        every workload below
  npm run bench:simulate -- --workload scan,loop                these only
  npm run bench:simulate -- --trace logs/access.log             a recorded one: an S3 access log, ours or Amazon's
  npm run bench:simulate -- --trace t.csv.zst --sizes 1GiB,8GiB --svg curve.svg

  --workload NAMES     ${Object.keys(workloads).join(', ')}; or all (default)
  --trace FILE         instead of a workload; .gz and .zst are unpacked
  --format NAME        ${formatNames.join(', ')}. Default auto, by the file's name and first line:
                       s3-log         S3 server access log: GETs of objects, sizes of whole objects
                       squid          Squid's native access log
                       csv            time, key, size, or columns by their names (libCacheSim)
                       arc            first block, blocks, … (traces of the ARC paper, .lis)
                       text           "key", "key size" or "time key size" between blanks (LIRS traces)
                       oracleGeneral  libCacheSim's binary format
  --ignore-sizes 1     every object counts as 1
  --policies NAMES     ${Object.keys(policies).join(', ')} (default: all)
  --sizes SIZES        of the cache: 0.1%,1%,10% of all different objects, or 64MiB, or a number of objects where all
                       have one size. Default 0.1%,0.3%,1%,3%,10%,30%
  --objects N          objects a workload comes back to. Default 50000
  --requests N         requests of a workload (default 1000000), most that are read of a trace (default 50000000)
  --seed N             another seed makes another workload. Default 1
  --svg FILE           draws the miss ratio curve; with several workloads FILE-NAME.svg
  --json               for programs`

const flags = readFlags(help, {
  workload: 'all',
  trace: '',
  format: 'auto',
  'ignore-sizes': '0',
  policies: Object.keys(policies).join(','),
  sizes: '0.1%,0.3%,1%,3%,10%,30%',
  objects: '50000',
  requests: '',
  seed: '1',
  svg: '',
})
const machine = describeMachine()
const progress = createProgress(process.stderr)
const list = (text: string): string[] => text.split(',').map((name) => name.trim())
const requests = (fallback: number): number => (flags.text('requests') === '' ? fallback : flags.number('requests'))

async function* traces(): AsyncGenerator<{ readonly trace: Trace; readonly about: string }> {
  const path = flags.text('trace')
  if (path !== '') {
    const { trace, format, malformedLines } = await readTrace(path, {
      format: flags.text('format'),
      maxRequests: requests(50_000_000),
      ignoreSizes: flags.number('ignore-sizes') > 0,
      onProgress: (count) => progress.say(`reading ${path}: ${count.toLocaleString('en')} requests`),
    })
    yield { trace, about: `${path} (${format}${malformedLines > 0 ? `, ${malformedLines} lines not understood` : ''})` }
    return
  }
  const asked = flags.text('workload')
  for (const name of asked === 'all' ? Object.keys(workloads) : list(asked)) {
    const options = { objects: flags.number('objects'), requests: requests(1_000_000), seed: flags.number('seed') }
    progress.say(`making ${name}`)
    yield { trace: makeWorkload(name, options), about: `${name}: ${workloads[name]?.describe ?? ''}` }
  }
}

/** `FILE`, or `FILE-NAME` before its ending where there may be several. */
function svgPath(name: string): string {
  const path = flags.text('svg')
  const isOne = flags.text('trace') !== '' || !/,|^all$/.test(flags.text('workload'))
  return isOne ? path : path.replace(/(\.svg)?$/, `-${name}.svg`)
}

const results: object[] = []
if (!flags.json) process.stdout.write(`${formatMachine(machine)}\n`)
for await (const { trace, about } of traces()) {
  const total = footprintBytes(trace)
  const comparisons = compare(trace, {
    policies: list(flags.text('policies')),
    capacities: parseCapacities(flags.text('sizes'), total),
    seed: flags.number('seed'),
    onProgress: (policy, bytes) =>
      progress.say(`${trace.name}: ${policy}, ${Math.round((bytes / total) * 1e4) / 100} %`),
  })
  progress.clear()
  const counts = { requests: trace.objects.length, objects: trace.sizes.length, bytes: total }
  results.push({ name: trace.name, ...counts, comparisons })
  if (flags.text('svg') !== '') writeFileSync(svgPath(trace.name), drawMissRatios(about, comparisons, 'hits'))
  if (flags.json) continue
  const inBytes = !haveEqualSizes(trace)
  process.stdout.write(`\n${about}\n${counts.requests.toLocaleString('en')} requests, `)
  process.stdout.write(
    `${counts.objects.toLocaleString('en')} objects\n\n${formatRatios(comparisons, 'hits', inBytes)}`,
  )
  if (inBytes) process.stdout.write(`\n${formatRatios(comparisons, 'bytes', inBytes)}`)
}
if (flags.json) process.stdout.write(`${JSON.stringify({ machine, seed: flags.number('seed'), results })}\n`)
