import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDiskTier } from '@s3proxy/cache-store'
import { cacheKey } from '@s3proxy/router'
import { createTempDir, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { captureIo } from '../../capture-io.ts'
import { run } from '../../cli.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
})
afterEach(async () => {
  await dir.remove()
})

async function s3proxy(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = captureIo()
  const none = () => Promise.resolve(0)
  const code = await run(['cache', ...argv, '-d', dir.path], { io, version: '1', serve: none, demo: none })
  return { code, out: io.out, err: io.err }
}

const headers = ['Content-Type', 'text/plain', 'x-amz-security-token', 'hush']

async function populate(...names: readonly (readonly [name: string, size: number])[]): Promise<void> {
  const opening = await openDiskTier({ directory: dir.path, maxBytes: 1 << 25 })
  if (opening.kind === 'refused') throw new Error(opening.message)
  for (const [name, size] of names) {
    const [bucket = '', ...rest] = name.split('/')
    const key = cacheKey({ namespace: 'aws', bucket, key: Buffer.from(rest.join('/')).toString('latin1') })
    const started = opening.store.begin({ key, etag: '"e"', size, headers, checksums: false }, { start: 0, end: size })
    if (started.kind === 'refused') throw new Error(started.reason)
    await started.writer.write(Buffer.alloc(size, 1))
    await started.writer.commit(1_700_000_000_000, () => true)
  }
  await opening.store.close()
}

const names = [
  ['one/a.txt', 100],
  ['one/deep/b.bin', 300_000],
  ['one/deep/ü\u0007.bin', 200],
  ['two/a.txt', 3000],
] as const

/** The last column of the lines behind the header. */
function listed(out: string): string[] {
  return out
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^.*"e" +/, ''))
}

async function left(): Promise<string[]> {
  return listed((await s3proxy('ls', '--sort', 'name')).out)
}

describe('s3proxy cache ls', () => {
  it('lists what is held, in columns, in the order asked for', async () => {
    await populate(...names)
    const { code, out, err } = await s3proxy('ls', '--sort', 'size')
    expect([code, err]).toEqual([0, ''])
    expect(listed(out)).toEqual(['one/deep/b.bin', 'two/a.txt', 'one/deep/ü\\x07.bin', 'one/a.txt'])
    expect(out).toMatch(/^ {2}293 KiB {2}100% +1 +\d+s +"e" +one\/deep\/b\.bin$/m)
  })

  it.each([
    [['one'], ['one/a.txt', 'one/deep/b.bin', 'one/deep/ü\\x07.bin']],
    [['s3://one/deep/'], ['one/deep/b.bin', 'one/deep/ü\\x07.bin']],
    [['*/a.txt'], ['one/a.txt', 'two/a.txt']],
    [
      ['two/a.txt', 'one/**/b.bin'],
      ['one/deep/b.bin', 'two/a.txt'],
    ],
    [['--exact', 'one/a.txt'], ['one/a.txt']],
    [['three'], []],
  ])('takes %j', async (selection, expected) => {
    await populate(...names)
    expect(listed((await s3proxy('ls', '--sort', 'name', ...selection)).out)).toEqual(expected)
  })

  it('prints an object of JSON a line', async () => {
    await populate(['one/a.txt', 100])
    const { out } = await s3proxy('ls', '--json')
    expect(JSON.parse(out)).toMatchObject({
      name: 'one/a.txt',
      namespace: 'aws',
      etag: '"e"',
      size: 100,
      heldBytes: 100,
      extents: 1,
    })
  })
})

describe('s3proxy cache stat', () => {
  it('shows extents and headers, and no secret', async () => {
    await populate(...names)
    const { code, out } = await s3proxy('stat', 'one/deep/b.bin')
    expect(code).toBe(0)
    expect(out).toMatch(/^held +300000 \(100%\)/m)
    expect(out).toMatch(/^ {2}0-300000 {2}[0-9a-f]{16}\.0-300000\.x$/m)
    expect(out).toMatch(/^ {2}Content-Type: text\/plain$/m)
    expect(out).not.toContain('hush')
    expect(out).toMatch(/^confirmed +2023-11-14T22:13:20\.000Z$/m)
  })

  it('says when there is nothing', async () => {
    await populate(...names)
    const { code, out, err } = await s3proxy('stat', 'one/none')
    expect([code, out, err]).toEqual([1, '', `s3proxy: one/none is not in ${dir.path}\n`])
  })
})

describe('s3proxy cache du', () => {
  it('adds up by bucket or prefix, largest first', async () => {
    await populate(...names)
    const { code, out } = await s3proxy('du')
    expect(code).toBe(0)
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().split(/ {2,}/)),
    ).toEqual([
      ['DISK', 'HELD', 'OBJECTS', 'NAME'],
      ['324 KiB', '293 KiB', '3', 'one/'],
      ['8.0 KiB', '2.9 KiB', '1', 'two/'],
      ['332 KiB', '296 KiB', '4', 'total'],
    ])
    const { groups } = JSON.parse((await s3proxy('du', '--depth', '2', '--json', 'one')).out)
    expect(groups.map(({ name, objects }: { name: string; objects: number }) => [name, objects])).toEqual([
      ['one/deep/', 2],
      ['one/', 1],
    ])
  })
})

describe('s3proxy cache purge', () => {
  it('removes what is named and nothing else', async () => {
    await populate(...names)
    const { code, out } = await s3proxy('purge', 'one/deep/')
    expect(code).toBe(0)
    expect(out).toMatch(/^purged 2 objects, 332 KiB$/m)
    expect(await left()).toEqual(['one/a.txt', 'two/a.txt'])
  })

  it('removes everything only if told so, and nothing in a dry run', async () => {
    await populate(...names)
    expect(await s3proxy('purge')).toMatchObject({ code: 2, err: 's3proxy: name what to purge, or say --all\n' })
    expect((await s3proxy('purge', '--dry-run', '*/a.txt')).out).toMatch(/would purge 2 objects/)
    expect((await left()).length).toBe(4)
    expect(JSON.parse((await s3proxy('purge', '--all', '--json')).out)).toMatchObject({ objects: 4, dryRun: false })
    expect(await left()).toEqual([])
  })
})

describe('s3proxy cache verify', () => {
  it('tells of damage with exit code 1, and removes it when asked to', async () => {
    await populate(...names)
    expect(await s3proxy('verify')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^4 objects, 296 KiB, 0 damaged\n$/),
    })
    const files = await readdir(join(dir.path, 'v1'), { recursive: true })
    const path = join(dir.path, 'v1', files.find((name) => name.endsWith('.x')) ?? '')
    const bytes = await readFile(path)
    bytes[100_000] = 2
    await writeFile(path, bytes)
    const { code, out } = await s3proxy('verify')
    expect(code).toBe(1)
    expect(out).toMatch(/^one\/deep\/b\.bin: [0-9a-f]{16}\.0-300000\.x: the block at 65536 has changed$/m)
    expect((await s3proxy('verify', '--repair')).code).toBe(0)
    expect((await s3proxy('verify')).code).toBe(0)
  })
})

test('a directory that is no cache is an error, and is left alone', async () => {
  await writeFile(join(dir.path, 'mine'), '')
  for (const command of [['ls'], ['du'], ['stat', 'a/b'], ['purge', '--all'], ['verify', '--repair']]) {
    const { code, err } = await s3proxy(...command)
    expect([code, err]).toEqual([1, `s3proxy: ${dir.path} has no s3proxy-cache.json: it is not a cache of s3proxy\n`])
  }
  expect(await readdir(dir.path)).toEqual(['mine'])
})

test.each([
  [['ls', 'a/\\q'], 2],
  [['ls', '--exact', 'bucket'], 2],
  [['ls', '--sort', 'colour'], 2],
  [['du', '--depth', '0'], 2],
  [['stat'], 2],
  [['lss'], 2],
  [['--help'], 0],
  [['purge', '--help'], 0],
])('%j ends with %i', async (argv, code) => {
  await populate()
  expect((await s3proxy(...argv)).code).toBe(code)
})
