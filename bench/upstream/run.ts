import { createReaper, stderrProgress } from '@s3proxy/testkit'
import { readFlags } from '../lib/flags.ts'
import { startHelper } from '../lib/helper.ts'
import { describeMachine, formatMachine } from '../lib/machine.ts'
import { interleave } from '../lib/rounds.ts'
import { spreadOf } from '../lib/statistics.ts'
import { formatTable } from '../lib/table.ts'
import { bareSockets, type CreateClient, nodeHttp, upstream } from './clients.ts'
import type { StoreInfo } from './store.ts'

const help = `npm run bench:upstream -- [flags]     what asking the store costs, per CPU-second of the asking process
  --objects 304,4096,1048576,67108864   answers: a 304, or so many bytes
  --over plain,tls
  --only NAMES                          of: upstream,http,bare
  --connections 16
  --seconds 1                           length of a measurement
  --rounds 3                            interleaved rounds
  --json                                print JSON instead of a table`

const flags = readFlags(help, {
  objects: '304,4096,1048576,67108864',
  over: 'plain,tls',
  only: 'upstream,http,bare',
  connections: '16',
  seconds: '1',
  rounds: '3',
})
const machine = describeMachine()
const all: Readonly<Record<string, CreateClient>> = { upstream, http: nodeHttp, bare: bareSockets }
const connections = flags.number('connections')

interface Case {
  readonly client: string
  readonly object: string
  readonly over: string
}

interface Result extends Case {
  readonly answers: number
  readonly bytes: number
  readonly cpuSeconds: number
  readonly seconds: number
}

await using reaper = createReaper()
const helper = startHelper<'start', StoreInfo>(new URL('store.ts', import.meta.url), reaper)
const store = await helper.ask('start')

/** As many answers as come within the time, over all connections at once. */
async function measure({ client: name, object, over }: Case): Promise<Result> {
  const client = all[name]?.(store, over === 'tls', connections)
  if (client === undefined) throw new Error(`there is no client ${name}`)
  const expected = object === '304' ? 0 : Number(object)
  const bytesAtOnce = 256 << 20
  const workers = Math.max(1, Math.min(connections, Math.floor(bytesAtOnce / Math.max(1, expected))))
  let answers = 0
  const askUntil = async (end: number): Promise<void> => {
    do {
      const bytes = await client.get(object)
      if (bytes !== expected) throw new Error(`${name} got ${bytes} bytes of ${expected}`)
      answers++
    } while (performance.now() < end)
  }
  const askAll = (ms: number): Promise<unknown> => {
    const end = performance.now() + ms
    return Promise.all(Array.from({ length: workers }, () => askUntil(end)))
  }
  await askAll(200)
  answers = 0
  const before = process.cpuUsage()
  const begun = performance.now()
  await askAll(flags.number('seconds') * 1_000)
  const used = process.cpuUsage(before)
  const seconds = (performance.now() - begun) / 1_000
  await client.close()
  return {
    client: name,
    object,
    over,
    answers,
    bytes: answers * expected,
    cpuSeconds: (used.user + used.system) / 1e6,
    seconds,
  }
}

const names = flags.text('only').split(',')
const groups = flags
  .text('objects')
  .split(',')
  .flatMap((object) =>
    flags
      .text('over')
      .split(',')
      .map((over) => ({ object, over })),
  )
const cases = groups.flatMap((group) => names.map((client) => ({ client, ...group })))
const results = await interleave(flags.number('rounds'), cases, async (item, round) => {
  stderrProgress(`round ${round + 1}: ${item.client}, ${item.object} over ${item.over}`)
  return measure(item)
})
helper.close()

if (flags.json) {
  process.stdout.write(`${JSON.stringify({ machine, connections, results }, undefined, 2)}\n`)
} else {
  const rows = groups.map(({ object, over }) => {
    const cells = names.map((client) => {
      const own = results.filter(
        (result) => result.client === client && result.object === object && result.over === over,
      )
      const isSmall = Number(object) < 65_536
      const { median, min, max } = spreadOf(
        own.map(({ answers, bytes, cpuSeconds }) => (isSmall ? answers : bytes / 1e9) / cpuSeconds),
      )
      const text = (value: number): string => (isSmall ? value.toFixed(0) : value.toFixed(2))
      return `${text(median)} (${text(min)}–${text(max)})`
    })
    return [`${object === '304' ? '304' : `${object} bytes`} over ${over}`, ...cells]
  })
  process.stdout.write(
    `${formatMachine(machine)}\n${connections} connections; answers per CPU-second below 64 KiB, else GB per CPU-second\n\n`,
  )
  process.stdout.write(formatTable(['', ...names], rows))
}
