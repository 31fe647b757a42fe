import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createReaper,
  createTempDir,
  type Minio,
  patternContent,
  type Reaper,
  startMinio,
  type TempDir,
} from '@s3proxy/testkit'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { clients, uploadAll } from './harness/clients.ts'
import { directRoute, startProxiedStore } from './harness/routes.ts'

// What real clients write through the proxy is what they read from then on, however often it changes: even where the
// store is not asked before a hit.

const program = inject('minio')
const tools = inject('tools')
const MiB = 1024 * 1024
/** One PUT, and a multipart upload, for every client. */
const sizes: Readonly<Record<string, number>> = { 'small.txt': 1001, 'in parts.bin': 20 * MiB + 1 }

let reaper: Reaper
let dir: TempDir
let minio: Minio

beforeAll(async () => {
  if (program.kind === 'missing') return
  reaper = createReaper()
  dir = await createTempDir()
  minio = await startMinio({ program, dir: join(dir.path, 'minio'), reaper })
})

afterAll(async () => {
  await minio?.stop()
  await reaper?.close()
  await dir?.remove()
})

const table = clients.flatMap((client) =>
  client.addressing.map((addressing) => ({ client, name: client.name, addressing })),
)

test.for(table)('$name, $addressing style', async ({ client, addressing }, { skip }) => {
  const { python } = tools
  const tool = tools[client.tool]
  for (const needed of [program, python, tool])
    skip(needed.kind === 'missing', needed.kind === 'missing' ? needed.why : '')
  if (python.kind === 'missing' || tool.kind === 'missing') return
  await using own = await createTempDir()
  const bucket = `writes-${table.findIndex((row) => row.client === client && row.addressing === addressing)}`
  const common = { credentials: minio.credentials, bucket, dir: own.path }
  await uploadAll(python.path, { ...common, route: directRoute(minio, 'path'), files: {} })
  await using store = await startProxiedStore(minio, 'network')
  const route = store.route(addressing)

  for (const version of [1, 2, 3]) {
    const files: Record<string, string> = {}
    const hashes: Record<string, string> = {}
    for (const [key, size] of Object.entries(sizes)) {
      const bytes = patternContent(size, version).slice(0, size)
      hashes[key] = createHash('sha256').update(bytes).digest('hex')
      const file = join(own.path, `${version}-${size}`)
      await writeFile(file, bytes)
      files[key] = file
    }
    await client.upload(tool.path, { ...common, route, files })
    for (const read of ['first', 'second']) {
      await using target = await createTempDir()
      const job = { ...common, dir: target.path, route, keys: Object.keys(sizes) }
      const got = await client.download(tool.path, job)
      expect(Object.fromEntries(got), `${read} read of version ${version}`).toEqual(hashes)
    }
  }
  const { requests } = await minio.counters()
  expect(requests['PutObject']).toBeGreaterThan(0)
  expect(requests['CompleteMultipartUpload']).toBeGreaterThan(0)
})
