import { rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { populate } from '@s3proxy/cache-store/testing'
import { createReaper, createTempDir } from '@s3proxy/testkit'
import { readFlags } from '../lib/flags.ts'
import { describeMachine, formatMachine, requireProc } from '../lib/machine.ts'
import { createProgress } from '../lib/progress.ts'
import { largeBytes, writeLargeObjects } from './large-objects.ts'
import {
  measureAllEvictions,
  measureAllLookups,
  measureAllReads,
  measureMemories,
  measureReadiness,
  type Population,
} from './measure.ts'
import { formatStore, type StoreResults } from './report.ts'
import { requireRoom } from './room.ts'
import { smallObject } from './small-objects.ts'

const help = `npm run bench:store -- [flags]     the disk tier with many small objects, and its reads beside fs.read
  --objects 1000000     small objects on disk, 8 KiB and two inodes each, compared with as many as --beside
  --beside 10000
  --large 32            objects of 8 MiB to read from
  --milliseconds 1000   length of a measurement
  --rounds 3            interleaved rounds
  --json                print JSON instead of tables
It writes below the system's temporary folder (TMPDIR) and removes what it wrote; a million objects take 8 GiB and 2,000,000 inodes.
Examples
  npm run bench:store                                             about 8 minutes, 4 of them to write and to remove
  npm run bench:store -- --objects 100000 --beside 1000 --rounds 1   a minute
  TMPDIR=/mnt/ssd npm run bench:store -- --json > store.json      on another volume`

const flags = readFlags(help, { objects: '1000000', beside: '10000', large: '32', milliseconds: '1000', rounds: '3' })
requireProc()
const machine = describeMachine()
const sizes = [flags.number('beside'), flags.number('objects')]
const large = flags.number('large')
if (Math.min(...sizes, large, flags.number('rounds')) < 1) throw new Error('there must be one of each at least')
const total = sizes.reduce((sum, count) => sum + count, 0)
await requireRoom(tmpdir(), { bytes: total * 8192 + large * largeBytes, inodes: total * 2 + 140_000 })

const progress = createProgress(process.stderr)
await using directory = await createTempDir('s3proxy-bench-store-')
// Faster than the asynchronous removal by far; it has nothing left to do then.
const removeAll = (): void => {
  progress.say('removing')
  rmSync(directory.path, { recursive: true, force: true })
  progress.clear()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    removeAll()
    process.exit(1)
  })
}
await using reaper = createReaper()

async function populated(objects: number): Promise<Population> {
  const folder = join(directory.path, String(objects))
  const cache = join(folder, 'cache')
  await mkdir(folder)
  const onProgress = (done: number): void => progress.say(`writing ${bar(done / objects)} ${done.toLocaleString('en')}`)
  await populate({ directory: cache, count: objects, object: smallObject, onProgress })
  return { folder, cache, objects }
}

function bar(share: number): string {
  const filled = Math.round(share * 30)
  return `[${'#'.repeat(filled)}${' '.repeat(30 - filled)}] ${Math.floor(share * 100)} %`
}

try {
  const populations: Population[] = []
  for (const size of sizes) populations.push(await populated(size))
  const largeDirectory = join(directory.path, 'large')
  await writeLargeObjects(largeDirectory, large)
  const seconds = flags.number('milliseconds') / 1000
  const options = { reaper, seconds, rounds: flags.number('rounds'), say: progress.say }
  const results: StoreResults = {
    readiness: await measureReadiness(populations, options),
    memory: await measureMemories(populations, options),
    lookups: await measureAllLookups(populations, options),
    evictions: await measureAllEvictions(populations, options),
    reads: await measureAllReads(largeDirectory, large, options),
  }
  progress.clear()
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ kind: 'store', machine, sizes, large, results }, undefined, 1)}\n`
      : `${formatMachine(machine)}\n\n${formatStore(results)}`,
  )
} finally {
  removeAll()
}
