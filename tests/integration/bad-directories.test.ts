import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createTempDir,
  type ObjectOrigin,
  patternContent,
  requestOnce,
  runCommand,
  startObjectOrigin,
} from '@s3proxy/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type ConfigObject, type RunningProxy, runProxy, startProxy, withoutSettings } from './harness/start-proxy.ts'
import { createVolume, type Volume } from './harness/volume.ts'

// A cache directory that is full, read-only, gone, newer or somebody else's: clients are served all the same, whoever runs the
// proxy is told what to do, and no file of anybody else is touched.

const host = 'store.test'
const objectBytes = 300_000
const volumeBytes = 4 << 20
const content = (key: string) => patternContent(objectBytes, key.charCodeAt(0))

interface Setting {
  readonly origin: ObjectOrigin
  readonly config: ConfigObject
}

/** A store with objects of one letter, and a proxy's configuration for it without a RAM tier: hits come from disk. */
async function setUp(cacheDir: string): Promise<Setting> {
  const origin = await startObjectOrigin()
  onTestFinished(() => origin.close())
  for (const key of 'abcdefghijklmnopqrstuvwxyz') origin.objects.put('bucket', key, content(key))
  const config: ConfigObject = {
    // No floor: the volume itself has to say that it is full.
    cache: { dir: cacheDir, max_size: '1GiB', min_free: 0, memory: 0, authorization: 'network' },
    upstream: {
      stores: { [host]: { scheme: 'http' } },
      endpoint_overrides: { [host]: [`127.0.0.1:${origin.port}`] },
    },
  }
  return { origin, config }
}

async function start(config: ConfigObject): Promise<RunningProxy> {
  const proxy = await startProxy(config)
  onTestFinished(async () => void (await proxy.stop()))
  return proxy
}

async function volumeOf(sizeBytes = volumeBytes): Promise<Volume> {
  const volume = await createVolume(sizeBytes)
  onTestFinished(() => volume[Symbol.asyncDispose]())
  return volume
}

/** Reads an object, which must be right; gives whether the store was asked. */
async function read({ origin }: Setting, proxy: RunningProxy, key: string): Promise<'from S3' | 'from the cache'> {
  const asked = origin.objects.count({ method: 'GET' })
  const got = await requestOnce(proxy, { method: 'GET', target: `/bucket/${key}`, headers: ['Host', host] })
  expect([got.status, got.end.kind]).toEqual([200, 'complete'])
  expect(Buffer.from(got.body).equals(Buffer.from(content(key).slice(0, objectBytes)))).toBe(true)
  return origin.objects.count({ method: 'GET' }) > asked ? 'from S3' : 'from the cache'
}

/** Looks again until `condition` holds; the test's time limit ends it otherwise. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const isCached = (setting: Setting, proxy: RunningProxy, key: string) => async (): Promise<boolean> =>
  (await read(setting, proxy, key)) === 'from the cache'

const main = fileURLToPath(new URL('../../apps/proxy/src/main.ts', import.meta.url))

/** Runs a command of the program on a cache directory. */
async function s3proxy(directory: string, ...command: string[]): Promise<{ code: number; out: string; err: string }> {
  const args = ['--disable-warning=ExperimentalWarning', main, ...command, '--set', `cache.dir=${directory}`]
  const result = await runCommand(process.execPath, args, { env: withoutSettings(process.env) })
  if (result.kind !== 'exited') throw new Error(`${command[0]} did not end by itself`)
  return { code: result.code, out: result.stdout, err: result.stderr }
}

describe('a full volume', () => {
  test('from the start: nothing is kept until there is room, without a restart', async () => {
    const volume = await volumeOf()
    const directory = join(volume.path, 'cache')
    const setting = await setUp(directory)
    const makeRoom = await volume.fill()
    const checked = await s3proxy(directory, 'check')
    expect([checked.code, checked.err]).toEqual([
      0,
      expect.stringMatching(/cache\.dir: .* its volume is full: make room/),
    ])

    const proxy = await start(setting.config)
    expect(proxy.output()).toMatch(/cache\.dir: .* its volume is full: make room there .* or name another directory/)
    expect([await read(setting, proxy, 'a'), await read(setting, proxy, 'a')]).toEqual(['from S3', 'from S3'])
    expect(await s3proxy(directory, 'cache', 'ls')).toMatchObject({ code: 1, err: expect.stringMatching(/^s3proxy: /) })
    await makeRoom()
    await until(() => proxy.output().includes('the cache directory can be used'))
    await until(isCached(setting, proxy, 'a'))
  })

  test('on the way: every answer is right, and what comes after there is room is kept', async () => {
    const volume = await volumeOf()
    const setting = await setUp(volume.path)
    const proxy = await start(setting.config)
    for (const key of 'abc') await until(isCached(setting, proxy, key))
    const makeRoom = await volume.fill()
    for (const key of 'defghijklm') expect(await read(setting, proxy, key)).toBe('from S3')
    await until(() => proxy.output().includes('no space left on the device'))
    for (const command of ['ls', 'du', 'verify'])
      expect(await s3proxy(volume.path, 'cache', command)).toMatchObject({ code: 0 })
    await makeRoom()
    await until(isCached(setting, proxy, 'z'))
  })

  test('smaller than max_size: makes room for itself', async () => {
    const volume = await volumeOf()
    const setting = await setUp(volume.path)
    const proxy = await start(setting.config)
    for (const key of 'abcdefghijklmnopqrstuvwxy') await read(setting, proxy, key)
    await until(isCached(setting, proxy, 'z'))
  })
})

describe('a read-only volume', () => {
  test('that holds no cache yet: nothing is kept until it is writable, without a restart', async () => {
    const volume = await volumeOf()
    const setting = await setUp(volume.path)
    await volume.remount('ro')
    expect((await s3proxy(volume.path, 'check')).err).toMatch(
      /cache\.dir: .* its volume is read-only: mount it for writing/,
    )
    const proxy = await start(setting.config)
    expect(proxy.output()).toMatch(/cache\.dir: .* its volume is read-only: mount it for writing, or name another/)
    expect([await read(setting, proxy, 'a'), await read(setting, proxy, 'a')]).toEqual(['from S3', 'from S3'])
    await volume.remount('rw')
    await until(isCached(setting, proxy, 'a'))
  })

  test('that holds a cache: it is read from, and nothing a write has replaced is served from it', async () => {
    const volume = await volumeOf()
    const setting = await setUp(volume.path)
    const before = await start(setting.config)
    for (const key of 'ab') await until(isCached(setting, before, key))
    await before.stop()
    await volume.remount('ro')
    const proxy = await start(setting.config)
    expect(await read(setting, proxy, 'a')).toBe('from the cache')
    expect([await read(setting, proxy, 'c'), await read(setting, proxy, 'c')]).toEqual(['from S3', 'from S3'])
    await until(() => proxy.output().includes('the file system is read-only'))
    const put = {
      method: 'PUT',
      target: '/bucket/b',
      headers: ['Host', host, 'Content-Length', '3'],
      body: Buffer.from('new'),
    }
    expect((await requestOnce(proxy, put)).status).toBe(200)
    const got = await requestOnce(proxy, { method: 'GET', target: '/bucket/b', headers: ['Host', host] })
    expect(Buffer.from(got.body).toString()).toBe('new')

    expect((await s3proxy(volume.path, 'cache', 'ls')).out).toContain('bucket/a')
    const purged = await s3proxy(volume.path, 'cache', 'purge', '--all')
    expect([purged.code, purged.err]).toEqual([1, expect.stringContaining('the file system is read-only')])
    await volume.remount('rw')
    await until(isCached(setting, proxy, 'c'))
  })
})

test('a volume that vanishes: clients do not notice, nothing is built in its place, and it is used when it is back', async () => {
  const volume = await volumeOf()
  const setting = await setUp(volume.path)
  const proxy = await start(setting.config)
  await until(isCached(setting, proxy, 'a'))
  await volume.vanish()
  for (const key of 'abcd') await read(setting, proxy, key)
  await until(async () => {
    await read(setting, proxy, 'e')
    return proxy.output().includes('the cache directory has gone: mount its volume again, or restart')
  })
  expect(await readdir(volume.path)).toEqual([])
  expect(await s3proxy(volume.path, 'cache', 'ls')).toMatchObject({
    code: 1,
    err: `s3proxy: ${volume.path} has no s3proxy-cache.json: it is not a cache of s3proxy\n`,
  })
  await volume.comeBack()
  await until(isCached(setting, proxy, 'a'))
  await until(isCached(setting, proxy, 'f'))
})

test('a directory of a newer version is left as it is, and the proxy serves without it', async () => {
  await using dir = await createTempDir()
  const marker = '{"application":"s3proxy","content":"cache","version":2}'
  await writeFile(join(dir.path, 's3proxy-cache.json'), marker)
  const setting = await setUp(dir.path)
  const advice = /does not know, and is left as it is; use the version that wrote it, or name another directory/
  expect(await s3proxy(dir.path, 'check')).toMatchObject({ code: 0, err: expect.stringMatching(advice) })
  const proxy = await start(setting.config)
  expect(proxy.output()).toMatch(advice)
  expect([await read(setting, proxy, 'a'), await read(setting, proxy, 'a')]).toEqual(['from S3', 'from S3'])
  for (const command of [['ls'], ['verify', '--repair'], ['purge', '--all']]) {
    expect(await s3proxy(dir.path, 'cache', ...command)).toMatchObject({ code: 1, err: expect.stringMatching(advice) })
  }
  await proxy.stop()
  expect(await readdir(dir.path)).toEqual(['s3proxy-cache.json'])
  expect(await readFile(join(dir.path, 's3proxy-cache.json'), 'utf8')).toBe(marker)
})

test('a directory of somebody else is refused by every command, and left as it is', async () => {
  await using dir = await createTempDir()
  await writeFile(join(dir.path, 'thesis.txt'), 'precious')
  const { config } = await setUp(dir.path)
  const advice = /has no s3proxy-cache\.json: it is not a cache of s3proxy/
  const started = await runProxy(config)
  if (started.kind === 'running') await started.proxy.stop()
  expect(started).toMatchObject({ kind: 'exited', code: 1, stderr: expect.stringMatching(advice) })
  expect(await s3proxy(dir.path, 'check')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/name an empty directory/),
  })
  for (const command of [['ls'], ['verify', '--repair'], ['purge', '--all']]) {
    expect(await s3proxy(dir.path, 'cache', ...command)).toMatchObject({ code: 1, err: expect.stringMatching(advice) })
  }
  expect(await readdir(dir.path)).toEqual(['thesis.txt'])
  expect(await readFile(join(dir.path, 'thesis.txt'), 'utf8')).toBe('precious')
  await rm(join(dir.path, 'thesis.txt'))
  expect(await s3proxy(dir.path, 'check')).toMatchObject({ code: 0 })
})
