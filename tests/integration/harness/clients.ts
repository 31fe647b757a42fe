import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { type ClientTools, type Credentials, describeFailure, runCommand } from '@s3proxy/testkit'

/** How a client reaches the store. */
export interface Route {
  /** What the client takes for the store. */
  readonly endpoint: string
  readonly addressing: 'path' | 'virtual'
  /** Given to the client as `HTTP_PROXY`: it then sends absolute-form requests there. */
  readonly httpProxy?: string
}

/** What a client is to do. */
export interface Job {
  readonly route: Route
  readonly credentials: Credentials
  readonly bucket: string
  readonly keys: readonly string[]
  /** An empty folder of the client's own. */
  readonly dir: string
}

/** A real S3 client. Each of its runs is a process of its own. */
export interface Client {
  readonly name: string
  readonly tool: keyof ClientTools
  readonly addressing: readonly ('path' | 'virtual')[]
  /** Downloads all of `keys`; gives the SHA-256 of each. Throws if the client does not succeed. */
  download(path: string, job: Job): Promise<ReadonlyMap<string, string>>
  /** Uploads files to keys. Throws if the client does not succeed. */
  upload(path: string, job: UploadJob): Promise<void>
}

/** What a client is to upload. */
export interface UploadJob extends Omit<Job, 'keys'> {
  /** Paths by key. */
  readonly files: Readonly<Record<string, string>>
}

const script = fileURLToPath(new URL('../clients/s3.py', import.meta.url))
const both = ['path', 'virtual'] as const

/** Every client and way of its that the tests drive. */
export const clients: readonly Client[] = [
  { name: 'AWS CLI', tool: 'aws', addressing: both, download: downloadWithAws, upload: uploadWithAws },
  boto3('boto3', { transfer: 'classic', checksums: true }),
  boto3('boto3 without checksums', { transfer: 'classic', checksums: false }),
  boto3('boto3 with CRT', { transfer: 'crt', checksums: true }),
  boto3('boto3 with CRT without checksums', { transfer: 'crt', checksums: false }),
  // For endpoints other than AWS s5cmd knows path style only.
  { name: 's5cmd', tool: 's5cmd', addressing: ['path'], download: downloadWithS5cmd, upload: uploadWithS5cmd },
  { name: 'rclone', tool: 'rclone', addressing: both, download: downloadWithRclone, upload: uploadWithRclone },
]

/** Puts files into a new bucket with boto3. */
export async function uploadAll(python: string, job: UploadJob): Promise<void> {
  await boto3Upload(python, job, { transfer: 'classic', checksums: true, create_bucket: true })
}

async function downloadWithAws(path: string, job: Job): Promise<ReadonlyMap<string, string>> {
  const target = join(job.dir, 'objects')
  await mkdir(target, { recursive: true })
  await aws(path, ['--recursive', `s3://${job.bucket}/`, target], job)
  return hashFiles(target)
}

async function uploadWithAws(path: string, job: UploadJob): Promise<void> {
  for (const [key, file] of Object.entries(job.files)) await aws(path, [file, `s3://${job.bucket}/${key}`], job)
}

async function aws(path: string, args: readonly string[], job: Omit<Job, 'keys'>): Promise<void> {
  const config = join(job.dir, 'config')
  await writeFile(config, `[default]\ns3 =\n  addressing_style = ${job.route.addressing}\n`)
  const copy = ['--endpoint-url', job.route.endpoint, 's3', 'cp', '--only-show-errors']
  await runClient(path, [...copy, ...args], job, { AWS_CONFIG_FILE: config })
}

interface Boto3Options {
  readonly transfer: 'classic' | 'crt'
  readonly checksums: boolean
  readonly create_bucket?: boolean
}

async function boto3Upload(path: string, job: UploadJob, options: Boto3Options): Promise<void> {
  const { route, bucket, files } = job
  const { endpoint, addressing } = route
  const request = { action: 'upload', ...options, endpoint, addressing, bucket, files }
  await runClient(path, [script, JSON.stringify(request)], job)
}

function boto3(name: string, options: Boto3Options): Client {
  return {
    name,
    tool: 'python',
    addressing: both,
    async download(path, job) {
      const { route, bucket, keys, dir } = job
      const { endpoint, addressing } = route
      const request = { action: 'download', ...options, endpoint, addressing, bucket, keys, dir }
      const output = await runClient(path, [script, JSON.stringify(request)], job)
      return new Map(Object.entries(JSON.parse(output) as Record<string, string>))
    },
    upload: (path, job) => boto3Upload(path, job, options),
  }
}

async function downloadWithS5cmd(path: string, job: Job): Promise<ReadonlyMap<string, string>> {
  const target = join(job.dir, 'objects')
  await runClient(path, ['--endpoint-url', job.route.endpoint, 'cp', `s3://${job.bucket}/*`, `${target}/`], job)
  return hashFiles(target)
}

async function uploadWithS5cmd(path: string, job: UploadJob): Promise<void> {
  for (const [key, file] of Object.entries(job.files)) {
    const copy = ['--endpoint-url', job.route.endpoint, 'cp', '--part-size', '10']
    await runClient(path, [...copy, file, `s3://${job.bucket}/${key}`], job)
  }
}

async function downloadWithRclone(path: string, job: Job): Promise<ReadonlyMap<string, string>> {
  const target = join(job.dir, 'objects')
  await rclone(path, ['copy', `store:${job.bucket}`, target], job)
  return hashFiles(target)
}

async function uploadWithRclone(path: string, job: UploadJob): Promise<void> {
  for (const [key, file] of Object.entries(job.files)) {
    await rclone(
      path,
      ['copyto', '--ignore-times', '--s3-upload-cutoff', '10M', file, `store:${job.bucket}/${key}`],
      job,
    )
  }
}

async function rclone(path: string, args: readonly string[], job: Omit<Job, 'keys'>): Promise<void> {
  await runClient(path, ['--config', join(job.dir, 'none'), '--retries', '1', ...args], job, {
    RCLONE_CONFIG_STORE_TYPE: 's3',
    RCLONE_CONFIG_STORE_PROVIDER: 'Minio',
    RCLONE_CONFIG_STORE_ENV_AUTH: 'true',
    RCLONE_CONFIG_STORE_REGION: 'us-east-1',
    RCLONE_CONFIG_STORE_ENDPOINT: job.route.endpoint,
    RCLONE_CONFIG_STORE_FORCE_PATH_STYLE: String(job.route.addressing === 'path'),
  })
}

/** Runs a client with nothing of this machine's settings; gives what it printed. */
async function runClient(
  path: string,
  args: readonly string[],
  { route, credentials, dir }: Pick<Job, 'route' | 'credentials' | 'dir'>,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const proxy = route.httpProxy === undefined ? {} : { HTTP_PROXY: route.httpProxy, http_proxy: route.httpProxy }
  const result = await runCommand(path, args, {
    timeoutMs: 170_000,
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      LC_ALL: 'C.UTF-8',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
      ...proxy,
      ...env,
    },
  })
  if (result.kind === 'exited' && result.code === 0) return result.stdout
  throw new Error(describeFailure([path, ...args].join(' '), result))
}

/** The SHA-256 of every file below `dir`, by its path there. */
async function hashFiles(dir: string): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>()
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    hashes.set(relative(dir, path), hash.digest('hex'))
  }
  return hashes
}
