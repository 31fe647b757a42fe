import { parseArgs } from 'node:util'

const help = `npm run bench:compare -- BEFORE [AFTER] [flags]     two commits side by side; AFTER: the working tree unless given
  --rounds 7            pairs of measurements, each pair in turn
  --seconds 3           length of a measurement
  --scenarios NAMES     as for bench:peers; default hit-4k,hit-64k,range-ram,range-disk,revalidated,miss-1m
  --json                print JSON instead of a table
It ends with status 1 if something became slower beyond the noise.
Examples
  npm run bench:compare -- main
  npm run bench:compare -- v1.0.0 v1.1.0 --scenarios hit-4k --rounds 11`

/** What is compared and how. */
export interface CompareFlags {
  readonly before: string
  /** Undefined: the working tree. */
  readonly after: string | undefined
  readonly rounds: number
  readonly seconds: number
  readonly scenarios: readonly string[]
  readonly json: boolean
}

/** Reads the command line; `--help` ends the process. Throws for what makes no sense. */
export function readCompareFlags(): CompareFlags {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      json: { type: 'boolean' },
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '3' },
      scenarios: { type: 'string', default: 'hit-4k,hit-64k,range-ram,range-disk,revalidated,miss-1m' },
    },
  })
  const [before, after] = positionals
  if (values.help === true || before === undefined) {
    process.stdout.write(`${help}\n`)
    process.exit(values.help === true ? 0 : 2)
  }
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)]
  if (!(rounds >= 1 && seconds >= 1)) throw new Error('--rounds and --seconds must be at least 1')
  return { before, after, rounds, seconds, scenarios: values.scenarios.split(','), json: values.json === true }
}
