import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Reaper } from '@s3proxy/testkit'
import { startBare } from '../lib/bare.ts'
import type { Contender } from '../lib/contender.ts'
import type { FoundProgram } from '../lib/find-program.ts'
import { type NginxMode, startNginx } from '../lib/nginx.ts'
import type { NginxOrigin } from '../lib/nginx-origin.ts'
import { type S3proxySettings, startS3proxy } from '../lib/s3proxy.ts'
import { startVarnish } from '../lib/varnish.ts'
import type { ContenderName, OurName } from './scenarios.ts'

export interface StartOptions {
  readonly names: ReadonlySet<ContenderName>
  readonly directory: string
  readonly origin: NginxOrigin
  readonly nginx: FoundProgram & { readonly kind: 'found' }
  readonly varnish: FoundProgram
  /** Cores of each server. */
  readonly cores: string | undefined
  /** Folder for CPU profiles of this proxy. */
  readonly profileDir: string | undefined
  readonly reaper: Reaper
}

/** Those that run, and why others do not. */
export interface StartedPeers {
  readonly contenders: ReadonlyMap<ContenderName, Contender>
  readonly missing: readonly string[]
}

/** Starts those that are wanted; one that cannot be had keeps nobody else from being measured. */
export async function startPeers(options: StartOptions): Promise<StartedPeers> {
  const { names, origin, nginx, varnish, cores, profileDir, reaper } = options
  const ours = async (name: OurName): Promise<Contender> => {
    const settings = settingsOf(name, origin.caFile)
    const originPort = settings.caFile === undefined ? origin.httpPort : origin.httpsPort
    const directory = await folder(name)
    // Workers beside one another need more than the core of a server.
    const own = settings.workers === undefined ? cores : undefined
    return startS3proxy({ name, directory, originPort, settings, profileDir, cores: own, reaper })
  }
  const folder = async (name: ContenderName): Promise<string> => {
    const directory = join(options.directory, name)
    await mkdir(directory)
    return directory
  }
  const peer = async (name: ContenderName, scheme: 'http' | 'https', mode: NginxMode): Promise<Contender> => {
    const originPort = scheme === 'http' ? origin.httpPort : origin.httpsPort
    const directory = await folder(name)
    return startNginx({ name, program: nginx, directory, originPort, workers: '1', scheme, mode, cores, reaper })
  }
  const starts: Readonly<Record<ContenderName, () => Promise<Contender>>> = {
    's3proxy-ram': () => ours('s3proxy-ram'),
    's3proxy-disk': () => ours('s3proxy-disk'),
    's3proxy-s3-tls': () => ours('s3proxy-s3-tls'),
    's3proxy-tls': () => ours('s3proxy-tls'),
    's3proxy-one-worker': () => ours('s3proxy-one-worker'),
    's3proxy-two-workers': () => ours('s3proxy-two-workers'),
    'bare-net': () => startBare({ cores, reaper }),
    nginx: () => peer('nginx', 'http', 'fresh-slices'),
    'nginx-tls': () => peer('nginx-tls', 'https', 'fresh-slices'),
    'nginx-revalidate-tls': () => peer('nginx-revalidate-tls', 'https', 'revalidate'),
    varnish: async () => {
      if (varnish.kind === 'missing') throw new Error(varnish.why)
      const directory = await folder('varnish')
      return startVarnish({ program: varnish, directory, originPort: origin.httpPort, cores, reaper })
    },
  }
  const contenders = new Map<ContenderName, Contender>()
  const missing: string[] = []
  for (const name of names) {
    try {
      contenders.set(name, await starts[name]())
    } catch (error) {
      missing.push(`${name} did not start: ${String(error)}`)
    }
  }
  return { contenders, missing }
}

/** This proxy as a contender of that name. */
export function settingsOf(name: OurName, caFile: string): S3proxySettings {
  const settings: Readonly<Record<OurName, S3proxySettings>> = {
    's3proxy-ram': { authorization: 'network', memory: '1GiB' },
    's3proxy-disk': { authorization: 'network', memory: '0' },
    's3proxy-s3-tls': { authorization: 's3', caFile },
    's3proxy-tls': { authorization: 'network', caFile },
    's3proxy-one-worker': { authorization: 'network', workers: 1 },
    's3proxy-two-workers': { authorization: 'network', workers: 2 },
  }
  return { maxSize: '4GiB', ...settings[name] }
}
