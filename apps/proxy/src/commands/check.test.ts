import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir } from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import { captureIo } from '../capture-io.ts'
import { loadConfig } from '../config/load-config.ts'
import { read } from '../config/reading.ts'
import { type CheckOptions, check } from './check.ts'

async function run(options: Partial<CheckOptions>, cwd: string, env: Record<string, string> = {}) {
  const io = captureIo({ cwd, env })
  const code = await check({ file: undefined, flags: [], ...options }, io)
  return { code, out: io.out, err: io.err }
}

const yaml = `server: {http: {port: 8000}}
cache: {dir: "~/it's $$5", max_size: "10GB"}
logging: {dir: logs}
upstream:
  stores: {"minio.local:9000": {scheme: http}}
  endpoint_overrides: {"*.a": ["10.0.0.1", "[::1]:1"]}
rules:
  - { match: "a/\\\\*/$$x/**", cache: false }
  - match: b/c
    ttl: { get: 1h }
`

test('each value is shown with its layer', async () => {
  await using dir = await createTempDir()
  await writeFile(join(dir.path, 's.yaml'), yaml)
  const flags = [{ path: 'health.port', text: '0', flag: '--set health.port' }]
  const { code, out, err } = await run({ file: 's.yaml', flags }, dir.path, { S3PROXY_CACHE_MEMORY: '1MiB' })
  expect([code, err]).toEqual([0, ''])
  const lines = out.split('\n').map((line) => line.replace(/ {2,}#/, ' #'))
  expect(lines[0]).toBe('# effective configuration, from s.yaml')
  expect(lines).toContain('    port: 8000 # s.yaml:1:23')
  expect(lines).toContain('  dir: "/home/u/it\'s $$5" # s.yaml:2:14')
  expect(lines).toContain('  memory: 1MiB # env S3PROXY_CACHE_MEMORY')
  expect(lines).toContain('  port: 0 # flag --set health.port')
  expect(lines).toContain('  authorization: s3 # default')
  expect(lines).toContain('  stores: { "minio.local:9000": { scheme: http } } # s.yaml:5:11')
  expect(lines).toContain('  ca_file: null # default')
  expect(out).toMatch(
    /^rules: +# s\.yaml:8:3\n {2}- \{ match: "a\/\\\\\*\/\$\$x\/\*\*", cache: false \}\n {2}- \{ match: b\/c, ttl: \{ get: 1h \} \}\n/m,
  )
})

test('what is shown reads back as the same configuration', async () => {
  await using dir = await createTempDir()
  await writeFile(join(dir.path, 's.yaml'), yaml)
  const { out } = await run({ file: 's.yaml' }, dir.path)
  const base = { env: {}, flags: [], home: '/home/u' }
  const shown = loadConfig({ ...base, file: 'x', cwd: '/elsewhere', readText: () => read(out) })
  const first = loadConfig({ ...base, file: 's.yaml', cwd: dir.path })
  expect(shown.kind === 'config' && shown.config).toEqual(first.kind === 'config' && first.config)
})

test('problems are told on standard error, with exit code 2', async () => {
  await using dir = await createTempDir()
  await writeFile(join(dir.path, 's.yaml'), 'cache:\n  dri: x\n')
  expect(await run({ file: 's.yaml' }, dir.path)).toEqual({
    code: 2,
    out: '',
    err: 's3proxy: the configuration has a problem:\n  s.yaml:2:3: cache.dri: unknown key; did you mean cache.dir?\n',
  })
})

test('JSON has the same, for programs', async () => {
  const flags = [{ path: 'server.https.port', text: '2', flag: '--set server.https.port' }]
  const right = await run({ json: true, flags }, '/work')
  expect([right.code, right.err]).toEqual([0, ''])
  const shown: unknown = JSON.parse(right.out)
  expect(shown).toMatchObject({
    valid: true,
    warnings: [{ origin: 'flag --set server.https.port', path: 'server.https.port' }],
    values: { 'cache.dir': { value: '/work/cache', layer: 'default', origin: 'default' } },
  })
  const wrong = await run({ json: true, flags: [{ path: 'cache.dri', text: 'x', flag: '--set cache.dri' }] }, '/work')
  expect(wrong.code).toBe(2)
  expect(JSON.parse(wrong.out)).toEqual({
    valid: false,
    problems: [{ origin: 'flag --set cache.dri', path: 'cache.dri', message: 'unknown key', nearest: 'cache.dir' }],
  })
})

test('passwords in URLs are not shown', async () => {
  const text = '{a: {endpoint: "https://user:secret@host:1"}}'
  const { code, out, err } = await run(
    { flags: [{ path: 'upstream.stores', text, flag: '--set upstream.stores' }] },
    '/work',
  )
  expect(code).toBe(2)
  expect(out + err).not.toContain('secret')
  expect(err).toContain('https://REDACTED@host')
})

describe('the cache directory', () => {
  const check = (dir: string) => run({ flags: [{ path: 'cache.dir', text: dir, flag: '--cache-dir' }] }, '/work')

  test('is not made, and nothing is said of one that can be used', async () => {
    await using dir = await createTempDir()
    const { code, err } = await check(join(dir.path, 'a', 'b'))
    expect([code, err, await readdir(dir.path)]).toEqual([0, '', []])
    expect(await check(dir.path)).toMatchObject({ code: 0, err: '' })
    expect(await readdir(dir.path)).toEqual([])
  })

  test('of somebody else is a problem', async () => {
    await using dir = await createTempDir()
    await writeFile(join(dir.path, 'thesis.txt'), '')
    const { code, err } = await check(dir.path)
    expect(code).toBe(2)
    expect(err).toMatch(/cache\.dir: .* is not a cache of s3proxy, and is left as it is; name an empty directory/)
  })

  test('of a newer version is a warning: the proxy serves without it', async () => {
    await using dir = await createTempDir()
    await writeFile(join(dir.path, 's3proxy-cache.json'), '{"application":"s3proxy","content":"cache","version":2}')
    const { code, err } = await check(dir.path)
    expect(code).toBe(0)
    expect(err).toMatch(/^warning: .*cache\.dir: .* does not know, and is left as it is; use the version that wrote it/)
  })

  test('below a file is a problem', async () => {
    await using dir = await createTempDir()
    await writeFile(join(dir.path, 'file'), '')
    const { code, err } = await check(join(dir.path, 'file', 'cache'))
    expect(code).toBe(2)
    expect(err).toMatch(/cache\.dir: .* a part of its path is not a directory/)
  })
})
