import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createReaper, createTempDir, stderrProgress } from '@s3proxy/testkit'
import { findProgram, nginx as nginxProgram, wrk as wrkProgram } from '../lib/find-program.ts'
import { readFlags } from '../lib/flags.ts'
import { describeMachine, formatMachine, requireProc } from '../lib/machine.ts'
import { startNginxOrigin } from '../lib/nginx-origin.ts'
import { startS3proxy } from '../lib/s3proxy.ts'
import { signedHeaders } from '../lib/signed-request.ts'
import { runWrk } from '../load/wrk.ts'
import { drawMemory } from './draw-memory.ts'
import { mix, writeMixedScript } from './script.ts'
import { type Point, slopeOf } from './slope.ts'

const help = `npm run bench:soak -- [flags]     memory over time under a mixed load: hits, misses, ranges, evictions
  --seconds 3600        how long
  --requests 400        requests a second; 0: as many as 64 connections can ask for
  --objects 20000       objects of 4 KiB to 8 MiB, about 5 GiB in all by default
  --memory-mib 256      RAM tier
  --disk-mib 1024       disk tier
  --workers 1           processes
  --authorization network   or s3
  --out FILE            write the JSON there too, and a picture beside it (.svg)
  --json                print JSON instead of a summary
Examples
  npm run bench:soak -- --seconds 300 --requests 0
  npm run bench:soak -- --workers 2 --out soak.json`

const flags = readFlags(help, {
  seconds: '3600',
  requests: '400',
  objects: '20000',
  'memory-mib': '256',
  'disk-mib': '1024',
  workers: '1',
  authorization: 'network',
  out: '',
})
requireProc()
const machine = describeMachine()
const [nginx, wrk] = [await findProgram(nginxProgram, stderrProgress), await findProgram(wrkProgram, stderrProgress)]
if (nginx.kind === 'missing' || wrk.kind === 'missing') {
  throw new Error(nginx.kind === 'missing' ? nginx.why : wrk.kind === 'missing' ? wrk.why : '')
}
await using directory = await createTempDir('s3proxy-soak-')
await using reaper = createReaper()
const originDirectory = join(directory.path, 'origin')
await mkdir(originDirectory)
const origin = await startNginxOrigin({
  program: nginx,
  directory: originDirectory,
  sizes: mix.map(({ sizeBytes }) => sizeBytes),
  reaper,
})
const authorization = flags.text('authorization') === 's3' ? 's3' : 'network'
const settings = {
  authorization,
  memory: `${flags.number('memory-mib')}MiB`,
  maxSize: `${flags.number('disk-mib')}MiB`,
  workers: flags.number('workers'),
  caFile: origin.caFile,
} as const
const own = join(directory.path, 's3proxy')
await mkdir(own)
const contender = await startS3proxy({
  name: 's3proxy',
  directory: own,
  originPort: origin.httpsPort,
  settings,
  profileDir: undefined,
  reaper,
})

const seconds = flags.number('seconds')
const rate = flags.number('requests')
const connections = 64
const script = join(directory.path, 'mixed.lua')
const path = '/bench/mix-0/4096-0-0'
await writeFile(
  script,
  writeMixedScript({
    objects: flags.number('objects'),
    headers: await signedHeaders(path, undefined),
    thinkMs: rate === 0 ? 1 : (connections / rate) * 1000,
    seed: 1,
  }),
)
const startedAt = performance.now()
const samples: Point[] = []
const sample = (): void => {
  samples.push({ x: (performance.now() - startedAt) / 1000, y: contender.usage().rssBytes / (1 << 20) })
}
const every = Math.max(1, Math.round(seconds / 360))
const sampling = setInterval(sample, every * 1000)
const telling = setInterval(() => {
  const last = samples.at(-1)
  if (last !== undefined) stderrProgress(`${Math.round(last.x)} of ${seconds} s, RSS ${last.y.toFixed(0)} MiB`)
}, 30_000)
const report = await runWrk({
  program: wrk.path,
  port: contender.port,
  path,
  headers: [],
  connections,
  seconds,
  script,
})
clearInterval(sampling)
clearInterval(telling)
const cpuSeconds = contender.usage().cpuSeconds
await contender.stop()
await origin.stop()

// The first half is the caches filling up.
const settled = samples.filter(({ x }) => x >= seconds / 2)
const slopeMiBPerHour = slopeOf(settled) * 3600
const peakMiB = Math.max(...samples.map(({ y }) => y))
const result = { settings: { ...settings, caFile: undefined }, report, cpuSeconds, slopeMiBPerHour, peakMiB, samples }
const json = `${JSON.stringify({ kind: 'soak', machine, ...result }, undefined, 1)}\n`
/** The default of `server.memory_budget`, and what a worker may take besides. */
const limitMiB = flags.number('memory-mib') + (512 + 120) * flags.number('workers')
const out = flags.text('out')
if (out !== '') {
  await writeFile(out, json)
  await writeFile(out.replace(/(\.json)?$/, '.svg'), drawMemory(samples, limitMiB))
}
const at = (share: number): string => samples[Math.floor((samples.length - 1) * share)]?.y.toFixed(0) ?? '-'
process.stdout.write(
  flags.json
    ? json
    : `${formatMachine(machine)}
${report.requests} requests in ${report.seconds.toFixed(0)} s, ${report.errors} errors, p99 ${report.p99Ms.toFixed(1)} ms, ${cpuSeconds.toFixed(0)} CPU-s
RSS in MiB: start ${at(0)}, quarter ${at(0.25)}, half ${at(0.5)}, three quarters ${at(0.75)}, end ${at(1)}, most ${peakMiB.toFixed(0)}
slope of the second half: ${slopeMiBPerHour.toFixed(1)} MiB per hour
RAM tier ${settings.memory}, disk tier ${settings.maxSize}, ${settings.workers} worker(s)
`,
)
