import { describeFailure, runCommand } from '@s3proxy/testkit'
import { onCores } from '../lib/start-program.ts'

/** What wrk is to send. */
export interface WrkOptions {
  readonly program: string
  readonly port: number
  readonly path: string
  /** Flat name-value pairs. */
  readonly headers: readonly string[]
  readonly connections: number
  readonly seconds: number
  /** A Lua script that says what is asked for, and when. Default: `path`, as fast as answers come. */
  readonly script?: string | undefined
  /** Cores it may use. Default: all. */
  readonly cores?: string | undefined
}

/** What wrk found. Times in milliseconds. */
export interface WrkReport {
  readonly requests: number
  readonly seconds: number
  /** Everything that came, heads and answers that did not end included; to three digits or more. */
  readonly readBytes: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Broken connections, answers that did not come in time, answers that are no 2xx. */
  readonly errors: number
}

/** An answer that takes longer is an error. wrk's own limit of 2 s is less than a large object takes on a busy machine. */
const answerTimeoutSeconds = 30

/** Lets wrk read one object for a while, on one thread. Throws if it cannot. */
export async function runWrk(options: WrkOptions): Promise<WrkReport> {
  const headers: string[] = []
  for (let i = 0; i + 1 < options.headers.length; i += 2) {
    headers.push('-H', `${options.headers[i]}: ${options.headers[i + 1]}`)
  }
  const url = `http://127.0.0.1:${options.port}${options.path}`
  const load = [
    '-t1',
    `-c${options.connections}`,
    `-d${options.seconds}s`,
    '--timeout',
    `${answerTimeoutSeconds}s`,
    '--latency',
  ]
  const script = options.script === undefined ? [] : ['-s', options.script]
  const [program, ...args] = onCores(options.cores, options.program, [...load, ...script, ...headers, url])
  const result = await runCommand(program, args, { timeoutMs: (options.seconds + 2 * answerTimeoutSeconds) * 1000 })
  if (result.kind !== 'exited' || result.code !== 0) throw new Error(describeFailure('wrk', result))
  return readWrkReport(result.stdout)
}

/** Reads what wrk prints with `--latency`. Throws if it is not that. */
export function readWrkReport(text: string): WrkReport {
  const total = /^ *(\d+) requests in ([\d.]+\w+), ([\d.]+)([KMGT]?)B read/m.exec(text)
  if (total === null) throw new Error(`wrk said something else than expected: ${text.slice(0, 1000)}`)
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(text)
  return {
    requests: Number(total[1]),
    seconds: milliseconds(total[2]) / 1000,
    readBytes: Math.round(Number(total[3]) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(total[4] ?? '')),
    p50Ms: milliseconds(/^ *50% +(\S+)/m.exec(text)?.[1]),
    p99Ms: milliseconds(/^ *99% +(\S+)/m.exec(text)?.[1]),
    errors: [...(socketErrors?.slice(1) ?? []), refused?.[1] ?? '0'].reduce((sum, count) => sum + Number(count), 0),
  }
}

/** `1.50ms`, `20us`, `2.01s`, `1.00m`. */
function milliseconds(text: string | undefined): number {
  const match = /^([\d.]+)(us|ms|s|m)$/.exec(text ?? '')
  if (match === null) return Number.NaN
  const factors: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }
  return Number(match[1]) * (factors[match[2] ?? ''] ?? Number.NaN)
}
