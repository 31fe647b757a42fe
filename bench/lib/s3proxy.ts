import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Reaper } from '@s3proxy/testkit'
import { type Contender, createContender } from './contender.ts'
import { storeHost } from './object-name.ts'
import { startAnnouncing } from './start-program.ts'

/** What differs from the settings as shipped. */
export interface S3proxySettings {
  readonly authorization: 'network' | 's3'
  /** RAM tier; `0`: none. Default 512 MiB, as shipped. */
  readonly memory?: string
  /** Bytes of the disk tier. Default 8 GiB. */
  readonly maxSize?: string
  /** Processes. Default 1. */
  readonly workers?: number
  /** A store behind TLS with a certificate of this authority (a PEM file). Default: plain HTTP. */
  readonly caFile?: string
}

export interface S3proxyOptions {
  readonly name: string
  /** An empty folder for cache, logs and configuration. */
  readonly directory: string
  readonly originPort: number
  readonly settings: S3proxySettings
  /** Folder for a CPU profile, written when it stops. */
  readonly profileDir: string | undefined
  /** Cores it may use. Default: all. */
  readonly cores?: string | undefined
  /** Another checkout of the repository to run. Default: this one. */
  readonly checkout?: string | undefined
  readonly reaper: Reaper
}

const thisCheckout = fileURLToPath(new URL('../..', import.meta.url))

/** Starts the proxy of this repository from its sources, with what is on by default on: access log too. */
export async function startS3proxy(options: S3proxyOptions): Promise<Contender> {
  const { directory, originPort, profileDir, settings, checkout = thisCheckout } = options
  const app = join(checkout, 'apps', 'proxy')
  const configFile = join(directory, 's3proxy.yaml')
  // JSON is YAML.
  const config = {
    server: {
      http: { port: 0, bind: '127.0.0.1' },
      workers: settings.workers ?? 1,
      max_concurrent_requests: 10_000,
      drain_timeout: '1s',
    },
    cache: {
      dir: join(directory, 'cache'),
      max_size: settings.maxSize ?? '8GiB',
      memory: settings.memory ?? '512MiB',
      authorization: settings.authorization,
    },
    upstream: {
      endpoint_overrides: { [storeHost]: [`127.0.0.1:${originPort}`] },
      stores: { [storeHost]: { scheme: settings.caFile === undefined ? 'http' : 'https' } },
      ...(settings.caFile === undefined ? {} : { ca_file: settings.caFile }),
    },
    health: { enabled: false },
    metrics: { port: 0, bind: '127.0.0.1' },
    logging: { level: 'warn', access: { dir: join(directory, 'access') } },
  }
  await writeFile(configFile, JSON.stringify(config, undefined, 2))
  const profiling = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profileDir, options.name)}`]
  const program = await startAnnouncing(
    {
      file: process.execPath,
      args: [
        '--disable-warning=ExperimentalWarning',
        ...profiling,
        join(app, 'src', 'main.ts'),
        'serve',
        '-c',
        configFile,
      ],
      cores: options.cores,
      reaper: options.reaper,
    },
    /^listening http http:\/\/.*:(\d+)$/m,
  )
  const { version } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as { readonly version: string }
  const { workers = 1 } = settings
  return createContender({ ...program, name: options.name, version, port: Number(program.announced), workers })
}
