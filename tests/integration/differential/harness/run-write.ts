import type { HttpAnswer } from '@s3proxy/testkit'
import { type Comparable, comparable, differences } from './comparable.ts'
import { bytesOf, textHeaders } from './fixtures.ts'
import type { Probe } from './probe.ts'
import type { DifferentialProxy } from './proxy.ts'
import { tell } from './store-client.ts'
import type { World } from './world.ts'
import type { Side, WriteCase } from './write-case.ts'

/** Runs a write on the store and through each proxy; gives what differs in its answers and in reads after it. */
export async function runWrite(world: World, write: WriteCase): Promise<string[]> {
  const folder = write.name.replaceAll(/[^a-z0-9]+/gi, '-')
  const expected: Comparable[] = []
  const own = createSide(world, write, folder, 'd', expected, async (probe) =>
    world.direct.request(await world.sign(probe)),
  )
  await prepare(world, write, own)
  await write.write(own)
  const found: string[] = []
  const { modes = ['s3', 'network'] } = write
  for (const proxy of world.proxies.filter(({ mode }) => modes.includes(mode))) {
    const lines = await runOn(world, proxy, write, folder, expected)
    found.push(...lines.map((line) => `${proxy.mode}: ${line}`))
  }
  return found
}

async function runOn(
  world: World,
  proxy: DifferentialProxy,
  write: WriteCase,
  folder: string,
  expected: readonly Comparable[],
): Promise<string[]> {
  const got: Comparable[] = []
  const letter = proxy.mode.slice(0, 1)
  const side = createSide(world, write, folder, letter, got, async (probe) => proxy.request(await world.sign(probe)))
  await prepare(world, write, side)
  const probes = [...(write.keys ?? ['key']).flatMap((key) => readsOf(side.path(key))), ...(write.reads?.(side) ?? [])]
  const found: string[] = []
  const requests = await Promise.all(probes.map((probe) => world.sign(probe)))
  for (const request of requests) await proxy.request(request)
  await write.write(side)
  for (const [index, answer] of got.entries()) {
    const twin = expected[index]
    if (twin !== undefined) found.push(...differences(twin, answer).map((line) => `answer ${index + 1}: ${line}`))
  }
  if (got.length !== expected.length) found.push(`${got.length} answers instead of ${expected.length}`)
  for (const request of requests) {
    const direct = comparable(await world.direct.request(request))
    for (const when of ['after', 'and again']) {
      const lines = differences(direct, comparable(await proxy.request(request)))
      found.push(...lines.map((line) => `${when}, ${request.method} ${request.target}: ${line}`))
    }
  }
  return found
}

function createSide(
  { minio }: World,
  { bucket = 'writes' }: WriteCase,
  folder: string,
  letter: string,
  answers: Comparable[],
  request: (probe: Probe) => Promise<HttpAnswer>,
): Side {
  const ownBucket = `own-${letter}-${folder.toLowerCase()}`
  return {
    ownBucket,
    credentials: minio.credentials,
    path: (key) => `/${bucket}/${letter}/${folder}/${key}`,
    async send(probe) {
      const answer = await request(probe)
      answers.push(withoutIds(comparable(answer), [`${letter}/${folder}/`, ownBucket]))
      return answer
    },
  }
}

/** Two writes have ids and dates of their own, and keys of their own. */
function withoutIds(answer: Comparable, names: readonly string[]): Comparable {
  // Under a key of the client two ETags of the same bytes differ.
  const random = answer.headers.some((line) => /^x-amz-server-side-encryption-customer-/i.test(line))
  const fields = ['x-amz-version-id', 'x-amz-copy-source-version-id', 'last-modified', ...(random ? ['etag'] : [])]
  const ids = new RegExp(`^(${fields.join('|')}): .*`, 'i')
  const own = ['UploadId', 'VersionId', 'DeleteMarkerVersionId', 'LastModified'].join('|')
  const strip = (text: string): string =>
    names.reduce((left, name) => left.replaceAll(name, 'own').replaceAll(encodeURIComponent(name), 'own'), text)
  return {
    ...answer,
    body: strip(answer.body).replaceAll(new RegExp(`<(${own})>[^<]*</\\1>`, 'g'), '<$1/>'),
    headers: answer.headers.map((line) => strip(line).replace(ids, '$1')),
  }
}

async function prepare(world: World, write: WriteCase, side: Side): Promise<void> {
  if (write.prepare === undefined) await putText(world, side.path('key'))
  else await write.prepare({ ...side, send: (probe) => tell(world, probe) })
}

async function putText(world: World, target: string): Promise<void> {
  await tell(world, { method: 'PUT', target, body: bytesOf(1000), headers: textHeaders })
}

/** What every key is read with. */
function readsOf(target: string): readonly Probe[] {
  return [
    { target },
    { target, method: 'HEAD' },
    { target, headers: ['Range', 'bytes=50-150'] },
    { target, auth: 'presigned-v4' },
  ]
}
