import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createReaper, createTempDir, stopProcess, type TempDir } from '@s3proxy/testkit'

/** A configuration as it would stand in YAML. */
export interface ConfigObject {
  readonly [key: string]: ConfigValue
}

/** One value of a configuration. */
export type ConfigValue = string | number | boolean | null | readonly ConfigValue[] | ConfigObject

/** How to start a proxy. */
export interface StartOptions {
  /** A folder for everything it writes, which is left. Default: a temporary one that goes with the proxy. */
  readonly dir?: string
  /** Options of its Node.js, such as a heap limit. Default none. */
  readonly nodeOptions?: string
}

/** A proxy in a process of its own. Whoever starts it stops it: `await using`, or `stop`. */
export interface RunningProxy extends AsyncDisposable {
  readonly port: number
  readonly healthPort: number
  readonly metricsPort: number
  readonly accessLogDir: string
  readonly cacheDir: string
  readonly pid: number
  /** Everything it has written so far. */
  output(): string
  /** The most memory it has held so far, in bytes (Linux: VmHWM). */
  peakRssBytes(): Promise<number>
  /** Asks it to stop (SIGTERM) and waits; gives its exit code, or the signal that killed it. */
  stop(): Promise<number | NodeJS.Signals | null>
}

/** A proxy that listens, or one that ended before it did. */
export type StartResult =
  | { readonly kind: 'running'; readonly proxy: RunningProxy }
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }

const main = fileURLToPath(new URL('../../../apps/proxy/src/main.ts', import.meta.url))

/** Starts `s3proxy serve` with free ports and `config` over them, and waits until it listens or has ended. */
export async function runProxy(config: ConfigObject | string, options: StartOptions = {}): Promise<StartResult> {
  const tempDir = options.dir === undefined ? await createTempDir() : undefined
  const dir = options.dir ?? (tempDir as TempDir).path
  await mkdir(dir, { recursive: true })
  const file = join(dir, 's3proxy.yaml')
  const cacheDir = join(dir, 'cache')
  const accessLogDir = join(dir, 'access')
  const own = {
    // One process: another learns of what was stored up to half a second later, and would ask the store once more.
    server: { http: { port: 0, bind: '127.0.0.1' }, workers: 1 },
    health: { port: 0, bind: '127.0.0.1' },
    metrics: { port: 0, bind: '127.0.0.1' },
    cache: { dir: cacheDir, max_size: '1GiB', memory: '32MiB' },
    logging: { access: { dir: accessLogDir } },
  }
  // Every JSON text is YAML; a string is taken as it is, so that line numbers can be told.
  await writeFile(file, typeof config === 'string' ? config : JSON.stringify(merge(own, config), undefined, 2))

  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'serve', '-c', file], {
    cwd: dir,
    env: { ...withoutSettings(process.env), NODE_OPTIONS: options.nodeOptions ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const reaper = createReaper()
  reaper.adopt(child)
  const stop = async (): Promise<number | NodeJS.Signals | null> => {
    const outcome = await stopProcess(child, 40_000)
    await reaper.close()
    await tempDir?.remove()
    return outcome
  }

  const ports = new Map<string, number>()
  let stdout = ''
  let stderr = ''
  const outcome = await new Promise<'running' | number>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      for (const [, name, port] of stdout.matchAll(/^listening (\S+) https?:\/\/\S*:(\d+)$/gm)) {
        ports.set(name as string, Number(port))
      }
      if (ports.has('http')) resolve('running') // the caching listener is opened last
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('close', (code) => resolve(code ?? -1))
  })
  if (outcome !== 'running') {
    await stop()
    return { kind: 'exited', code: outcome, stdout, stderr }
  }
  const portOf = (name: string): number => ports.get(name) ?? 0
  const pid = child.pid as number
  return {
    kind: 'running',
    proxy: {
      port: portOf('http'),
      healthPort: portOf('health'),
      metricsPort: portOf('metrics'),
      accessLogDir,
      cacheDir,
      pid,
      output: () => stdout + stderr,
      peakRssBytes: () => peakRssBytes(pid),
      stop,
      [Symbol.asyncDispose]: async () => void (await stop()),
    },
  }
}

/** Like `runProxy`, for tests that need it to run. */
export async function startProxy(config: ConfigObject, options?: StartOptions): Promise<RunningProxy> {
  const result = await runProxy(config, options)
  if (result.kind === 'running') return result.proxy
  throw new Error(`the proxy ended with exit code ${result.code}:\n${result.stdout}${result.stderr}`)
}

async function peakRssBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  if (kibibytes === undefined) throw new Error(`no VmHWM for process ${pid}`)
  return Number(kibibytes) * 1024
}

/** Settings of this machine must not reach the proxy under test. */
export function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('S3PROXY_')))
}

function merge(base: ConfigObject, over: ConfigObject): ConfigObject {
  const merged: Record<string, ConfigValue> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key]
    merged[key] = isObject(below) && isObject(value) ? merge(below, value) : value
  }
  return merged
}

function isObject(value: ConfigValue | undefined): value is ConfigObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
