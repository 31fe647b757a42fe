import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CertificateAuthority, createCertificateAuthority } from '../certificates.ts'
import { type HttpClientOptions, requestOnce } from '../http-client.ts'
import { freePort } from '../process/free-port.ts'
import { type Reaper, stopProcess } from '../process/reaper.ts'
import type { Credentials } from '../signer.ts'
import { type StoreRequest, startAuditLog } from './audit-log.ts'
import type { MinioProgram } from './find-minio.ts'

/** How to start MinIO. */
export interface MinioOptions {
  readonly program: Exclude<MinioProgram, { readonly kind: 'missing' }>
  /** An empty folder for its data and certificates. */
  readonly dir: string
  /** Kills it should this process die. */
  readonly reaper: Reaper
  /** Serves TLS with a certificate of this authority, or of a new one. Default: plain HTTP. */
  readonly tls?: 'off' | 'on' | CertificateAuthority
  /** Addresses buckets as `<bucket>.<domain>`. Default `minio.test`. */
  readonly domain?: string
  /** Further settings of the server, such as `MINIO_KMS_SECRET_KEY`. Default none. */
  readonly env?: Readonly<Record<string, string>>
}

/** What the store was asked, summed up. */
export interface StoreCounters {
  /** Requests by S3 API name. */
  readonly requests: Readonly<Record<string, number>>
  readonly bytesIn: number
  readonly bytesOut: number
}

/** A running MinIO server on 127.0.0.1. */
export interface Minio extends AsyncDisposable {
  /** `http://127.0.0.1:port`, or `https://…`. */
  readonly endpoint: string
  readonly port: number
  readonly domain: string
  readonly credentials: Credentials
  /** The authority to trust; undefined without TLS. */
  readonly caPem: string | undefined
  /** Every request answered so far, exact: waits until the server has reported all that came before this call. */
  requests(): Promise<readonly StoreRequest[]>
  /** `requests()` summed up, from entry number `since` (default 0) on. */
  counters(since?: number): Promise<StoreCounters>
  stop(): Promise<void>
}

const credentials: Credentials = { accessKeyId: 's3proxy-test', secretAccessKey: 's3proxy-test-secret' }
const image = 'minio/minio:RELEASE.2025-09-07T16-13-09Z'
const readyTimeoutMs = 60_000
const startAttempts = 3

/** Starts MinIO and waits until it is ready. */
export async function startMinio(options: MinioOptions): Promise<Minio> {
  const { dir, domain = 'minio.test', tls = 'off', reaper, program } = options
  const certsDir = join(dir, 'certs')
  await mkdir(certsDir, { recursive: true })
  const authority = tls === 'off' ? undefined : tls === 'on' ? await createCertificateAuthority() : tls
  if (authority !== undefined) {
    const dnsNames = [domain, `*.${domain}`, 'localhost']
    const { certPem, keyPem } = await authority.issue({ dnsNames, ips: ['127.0.0.1'] })
    await writeFile(join(certsDir, 'public.crt'), certPem)
    await writeFile(join(certsDir, 'private.key'), keyPem)
  }
  const audit = await startAuditLog()
  const { child, port } = await launch(program, {
    dir,
    certsDir,
    domain,
    auditUrl: audit.url,
    authority,
    reaper,
    env: options.env,
  })
  const client = clientOptions(port, authority)

  const requests = async (): Promise<readonly StoreRequest[]> => {
    // Entries come in the order of their answers: once a request of our own is in the log, so is all before it.
    const target = `/s3proxy-mark/${randomUUID()}`
    await requestOnce(client, { method: 'GET', target, headers: ['Host', `127.0.0.1:${port}`] })
    await audit.seen(target)
    return audit.entries.filter(({ bucket }) => bucket !== 's3proxy-mark')
  }
  const stop = async (): Promise<void> => {
    await stopProcess(child)
    await audit.close()
  }
  return {
    endpoint: `${authority === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    domain,
    credentials,
    caPem: authority?.caPem,
    requests,
    counters: async (since = 0) => sumUp((await requests()).slice(since)),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Sums requests up. */
export function sumUp(entries: readonly StoreRequest[]): StoreCounters {
  const requests: Record<string, number> = {}
  let bytesIn = 0
  let bytesOut = 0
  for (const entry of entries) {
    requests[entry.api] = (requests[entry.api] ?? 0) + 1
    bytesIn += entry.bytesIn
    bytesOut += entry.bytesOut
  }
  return { requests, bytesIn, bytesOut }
}

interface LaunchOptions {
  readonly dir: string
  readonly certsDir: string
  readonly domain: string
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly auditUrl: string
  readonly authority: CertificateAuthority | undefined
  readonly reaper: Reaper
}

/** MinIO cannot pick a port itself, so one is picked for it; should somebody take it in between, another is tried. */
async function launch(
  program: MinioOptions['program'],
  options: LaunchOptions,
): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const { file, args, env } = minioCommand(program, { ...options, port, consolePort: await freePort() })
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    options.reaper.adopt(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-16_384)
      })
    }
    const readiness = await waitUntilReady(child, clientOptions(port, options.authority))
    if (readiness === 'ready') return { child, port }
    await stopProcess(child)
    if (attempt >= startAttempts) throw new Error(`MinIO did not start (${readiness}); it said:\n${output.trim()}`)
  }
}

/** The command line and environment that start MinIO, in a container or not. */
export function minioCommand(
  program: MinioOptions['program'],
  options: Omit<LaunchOptions, 'reaper' | 'authority'> & { readonly port: number; readonly consolePort: number },
): { readonly file: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const { dir, certsDir, domain, auditUrl, port, consolePort } = options
  const env = {
    MINIO_ROOT_USER: credentials.accessKeyId,
    MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
    MINIO_DOMAIN: domain,
    MINIO_BROWSER: 'off',
    MINIO_UPDATE: 'off',
    MINIO_PROMETHEUS_AUTH_TYPE: 'public',
    MINIO_AUDIT_WEBHOOK_ENABLE_TEST: 'on',
    MINIO_AUDIT_WEBHOOK_ENDPOINT_TEST: auditUrl,
    ...options.env,
  }
  const server = ['server', '--address', `127.0.0.1:${port}`, '--console-address', `127.0.0.1:${consolePort}`]
  const args = [...server, '--certs-dir', certsDir, join(dir, 'data')]
  if (program.kind === 'binary') return { file: program.path, args, env }
  const variables = Object.keys(env).flatMap((name) => ['--env', name])
  const user = process.getuid === undefined ? [] : ['--user', `${process.getuid()}:${process.getgid?.()}`]
  const run = ['run', '--rm', '--network', 'host', ...user, '--volume', `${dir}:${dir}`, ...variables, image]
  return { file: program.engine, args: [...run, ...args], env }
}

/** MinIO tells nobody that it is ready: its health endpoint has to be asked. */
async function waitUntilReady(child: ChildProcess, client: HttpClientOptions): Promise<'ready' | 'exited' | 'timeout'> {
  const deadline = performance.now() + readyTimeoutMs
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) return 'exited'
    const request = { method: 'GET', target: '/minio/health/cluster', headers: ['Host', '127.0.0.1'] }
    const status = await requestOnce(client, request).then(
      (answer) => answer.status,
      () => 0, // not listening yet
    )
    if (status === 200) return 'ready'
    await sleep(50)
  }
  return 'timeout'
}

function clientOptions(port: number, authority: CertificateAuthority | undefined): HttpClientOptions {
  return authority === undefined ? { port } : { port, tls: { ca: authority.caPem, servername: 'localhost' } }
}
