import { createServer } from 'node:net'
import { join } from 'node:path'
import { type ByteSource, bufferSource, castsDoubt, ProxyError } from '@s3proxy/protocol'
import { createTempDir } from '@s3proxy/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { createPeerStreams } from './peer-streams.ts'

async function readAll(source: ByteSource): Promise<string> {
  const chunks: Uint8Array[] = []
  for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function setUp() {
  const dir = await createTempDir()
  const [leader, follower] = ['a', 'b'].map((name) => createPeerStreams(join(dir.path, name)))
  if (leader === undefined || follower === undefined) throw new Error('two are made')
  await Promise.all([leader.listen(), follower.listen()])
  onTestFinished(async () => {
    await Promise.all([leader.close(), follower.close()])
    await dir.remove()
  })
  return { leader, follower }
}

const alphabet = Buffer.from('abcdefghijklmnopqrstuvwxyz')

test('a fill is read from another worker, the bytes that are wanted', async () => {
  const { leader, follower } = await setUp()
  leader.offer('f', ({ start, end }) => bufferSource(alphabet.subarray(start, end)))
  const source = await follower.open(leader.place, 'f', { start: 2, end: 6 })
  expect(await readAll(source)).toBe('cdef')
})

test('bytes beyond what sockets hold come through, and a reader that leaves ends the reading', async () => {
  const { leader, follower } = await setUp()
  const chunk = Buffer.alloc(64 << 10, 'x')
  let given = 0
  const left = Promise.withResolvers<void>()
  leader.offer('f', () => ({
    next: () => (given++ < 1000 ? chunk : null),
    cancel: () => left.resolve(),
  }))
  const source = await follower.open(leader.place, 'f', { start: 0, end: 1000 * chunk.length })
  for (let got = 0; got < 100 * chunk.length; ) got += (await source.next())?.length ?? 0
  source.cancel()
  await left.promise
  expect(given).toBeLessThan(1000)
  expect(await source.next()).toBe(null)
})

test('a fill that fails, or that nobody knows, is a failure for who follows', async () => {
  const { leader, follower } = await setUp()
  let asked = 0
  leader.offer('f', () => ({
    next() {
      if (asked++ > 0) throw new Error('upstream broke')
      return alphabet.subarray(0, 3)
    },
    cancel: () => undefined,
  }))
  const source = await follower.open(leader.place, 'f', { start: 0, end: 26 })
  await expect(readAll(source)).rejects.toMatchObject({ code: 'UpstreamTruncated', reason: 'leader-lost' })
  await expect(follower.open(leader.place, 'unknown', { start: 0, end: 1 })).rejects.toMatchObject({
    reason: 'leader-lost',
  })
})

test('a fill that broke since its bytes are wrong is told from one of which more could not be had', async () => {
  const { leader, follower } = await setUp()
  const failures = { wrong: 'UpstreamCorrupt', broken: 'UpstreamTruncated' } as const
  for (const [flight, code] of Object.entries(failures)) {
    let asked = 0
    leader.offer(flight, () => ({
      next() {
        if (asked++ > 0) throw new ProxyError(code, { source: 'upstream' })
        return alphabet.subarray(0, 3)
      },
      cancel: () => undefined,
    }))
    const source = await follower.open(leader.place, flight, { start: 0, end: 26 })
    const error = await readAll(source).catch((cause: unknown) => cause)
    expect([error instanceof ProxyError, castsDoubt(error)]).toEqual([true, flight === 'wrong'])
  }
})

test('a fill that is offered no more cannot be joined', async () => {
  const { leader, follower } = await setUp()
  const withdraw = leader.offer('f', ({ start, end }) => bufferSource(alphabet.subarray(start, end)))
  withdraw()
  await expect(follower.open(leader.place, 'f', { start: 0, end: 1 })).rejects.toMatchObject({ reason: 'leader-lost' })
})

test('a worker that does not answer is not waited for', async () => {
  const dir = await createTempDir()
  const place = join(dir.path, 'silent')
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(place, resolve))
  onTestFinished(async () => {
    silent.close()
    await dir.remove()
  })
  const follower = createPeerStreams(join(dir.path, 'b'), { openTimeoutMs: 1 })
  await expect(follower.open(place, 'f', { start: 0, end: 1 })).rejects.toMatchObject({ reason: 'leader-lost' })
})
