import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { freePort, type Reaper } from '@s3proxy/testkit'
import type { Contender } from './contender.ts'
import { untilListening } from './nginx.ts'
import { readUsage } from './process-usage.ts'
import { startProgram } from './start-program.ts'

export interface VarnishOptions {
  readonly program: { readonly path: string; readonly version: string }
  /** An empty folder for its shared memory, logs and configuration. */
  readonly directory: string
  readonly originPort: number
  /** Cores it may use. Default: all. */
  readonly cores?: string | undefined
  readonly reaper: Reaper
}

/**
 * Starts Varnish with its objects in memory and `varnishncsa` for the access log, whose processor time counts as Varnish's.
 * Signed requests are looked up like any other: as shipped it would pass each of them.
 */
export async function startVarnish(options: VarnishOptions): Promise<Contender> {
  const { program, directory, originPort, cores, reaper } = options
  const port = await freePort()
  const work = join(directory, 'work')
  await mkdir(work, { recursive: true })
  const vcl = join(directory, 'bench.vcl')
  await writeFile(vcl, configuration(originPort))
  const args = ['-F', '-n', work, '-f', vcl, '-a', `127.0.0.1:${port}`, '-s', 'malloc,1g', '-t', '86400', ...tuning]
  const jail = process.getuid?.() === 0 ? ['-j', 'none'] : []
  const server = startProgram({ file: program.path, args: [...jail, ...args], cores, reaper })
  await untilListening(port)
  const log = startProgram({
    file: join(dirname(program.path), 'varnishncsa').replace('/sbin/', '/bin/'),
    args: ['-n', work, '-w', join(directory, 'access.log'), '-t', '30'],
    cores,
    reaper,
  })
  return {
    name: 'varnish',
    version: program.version,
    port,
    usage() {
      const [own, logging] = [readUsage(server.pid), readUsage(log.pid)]
      return { cpuSeconds: own.cpuSeconds + logging.cpuSeconds, rssBytes: own.rssBytes + logging.rssBytes }
    },
    async stop() {
      await log.stop()
      await server.stop()
    },
  }
}

/** As the manual advises: threads kept ready for the load, a large log buffer so that no line is lost. */
const tuning = [
  ['thread_pools', '1'],
  ['thread_pool_min', '200'],
  ['thread_pool_max', '2000'],
  ['timeout_idle', '60'],
  ['vsl_space', '128M'],
].flatMap(([name, value]) => ['-p', `${name}=${value}`])

function configuration(originPort: number): string {
  return `vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "${originPort}"; }
sub vcl_recv { if (req.method == "GET" || req.method == "HEAD") { return (hash); } }
sub vcl_backend_response { set beresp.ttl = 1d; }
`
}
