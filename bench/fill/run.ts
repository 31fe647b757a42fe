import { createTempDir } from '@s3proxy/testkit'
import { readFlags } from '../lib/flags.ts'
import { describeMachine, formatMachine, requireProc } from '../lib/machine.ts'
import { measureFill } from './fill.ts'

const help = `npm run bench:fill -- [flags]     processes that fill one cache directory, weighed by du
  --max-size-mib 512    bound of the cache
  --writers 4           processes
  --concurrency 8       fills of each at a time
  --seconds 60          how long
  --kills 3             writers killed on the way
  --json                print JSON`

const flags = readFlags(help, {
  'max-size-mib': '512',
  writers: '4',
  concurrency: '8',
  seconds: '60',
  kills: '3',
})
requireProc()
const machine = describeMachine()
const maxBytes = flags.number('max-size-mib') * 2 ** 20
let saidAt = 0
/** At most one line a second. */
const say = (text: string): void => {
  if (performance.now() - saidAt < 1000) return
  saidAt = performance.now()
  process.stderr.write(`fill: ${text}\n`)
}
await using dir = await createTempDir('s3proxy-bench-')
const { frozenBytes, liveBytes, reports } = await measureFill({
  directory: dir.path,
  maxBytes,
  writers: flags.number('writers'),
  concurrency: flags.number('concurrency'),
  durationMs: flags.number('seconds') * 1000,
  kills: flags.number('kills'),
  onProgress: say,
})
const sum = (figure: 'stored' | 'refused' | 'failed' | 'bytes' | 'removed'): number =>
  reports.reduce((total, report) => total + report[figure], 0)
const result = {
  maxBytes,
  mostBytes: Math.max(...frozenBytes),
  medianBytes: [...frozenBytes].sort((a, b) => a - b)[Math.floor(frozenBytes.length / 2)] ?? 0,
  mostLiveBytes: Math.max(...liveBytes),
  looks: frozenBytes.length,
  exceeded: frozenBytes.filter((bytes) => bytes > maxBytes).length,
  stored: sum('stored'),
  storedBytes: sum('bytes'),
  refused: sum('refused'),
  failed: sum('failed'),
  removed: sum('removed'),
}
if (flags.json) {
  process.stdout.write(`${JSON.stringify({ machine, result }, null, 2)}\n`)
} else {
  process.stdout.write(`${formatMachine(machine)}\n`)
  for (const [name, value] of Object.entries(result)) process.stdout.write(`${name.padEnd(14)} ${value}\n`)
}
if (result.exceeded > 0) process.exitCode = 1
