import { expect, test } from 'vitest'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { malformed, read } from '../config/reading.ts'
import type { FileStamp } from './file-stamp.ts'
import { createReloader } from './reloader.ts'

/** A file in memory, a reloader for it, and what came of it. */
function start(text: string, roll?: (config: LoadedConfig['config']) => Promise<boolean>) {
  const file: { text: string | undefined; stamp: FileStamp } = { text, stamp: { kind: 'file', stamp: '1' } }
  let loads = 0
  const load = () => {
    loads += 1
    const readText = () =>
      file.text === undefined ? malformed('cannot be read: there is no such file') : read(file.text)
    return loadConfig({ file: 's.yaml', env: {}, flags: [], cwd: '/work', home: '/home/u', readText })
  }
  const lines: unknown[][] = []
  const log = (level: string) => (fields: object, message: string) => void lines.push([level, message, fields])
  const states: string[] = []
  const applied: LoadedConfig['config'][] = []
  const loaded = load()
  if (loaded.kind === 'invalid') throw new Error('bad start')
  const reloader = createReloader({
    source: { kind: 'source', loaded, stamped: file.stamp, stamp: () => Promise.resolve(file.stamp), load },
    apply: (config) => void applied.push(config),
    ...(roll === undefined ? {} : { roll }),
    onReload: (state) => void states.push(state),
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
  })
  return {
    reloader,
    applied,
    states,
    write(newText: string | undefined) {
      file.text = newText
      file.stamp =
        newText === undefined
          ? { kind: 'missing', reason: 'gone' }
          : { kind: 'file', stamp: `${file.stamp.kind}${newText}` }
    },
    become(stamp: FileStamp) {
      file.stamp = stamp
    },
    /** What was logged since the last call. */
    said: () => lines.splice(0),
    get loads() {
      return loads - 1
    },
  }
}

test('rules and what cache says about reads are put in force at once', async () => {
  const { reloader, write, applied, said } = start('cache: {ttl: {get: 1s}}')
  write('cache: {ttl: {get: 2s}, page_size: 1MiB}\nrules: [{match: "b/**", cache: false}]')
  await reloader.reload()
  expect(applied.map(({ cache, rules }) => [cache.getTtlMs, cache.pageBytes, rules.length])).toEqual([
    [2000, 1024 ** 2, 1],
  ])
  expect(said()).toEqual([
    [
      'info',
      'the configuration was reloaded',
      { cause: 'signal', changed: ['cache.ttl.get', 'cache.page_size', 'rules'], rules: 1 },
    ],
  ])
  expect(reloader.state).toBe('current')
})

test('settings that need a restart are named, as long as they differ from those at the start', async () => {
  const { reloader, write, applied, said } = start('health: {port: 1}')
  const waiting = ['warn', 'changed settings wait for a restart', { settings: ['cache.dir', 'health.port'] }]
  write('health: {port: 2}\ncache: {dir: /other}')
  await reloader.reload()
  expect([applied, reloader.state]).toEqual([[], 'restart-needed'])
  expect(said()).toEqual([
    ['info', 'the configuration was read again: nothing to change live', { cause: 'signal' }],
    waiting,
  ])
  write('health: {port: 2}\ncache: {dir: /other, ttl: {get: 5s}}')
  await reloader.reload()
  expect([applied.length, reloader.state]).toEqual([1, 'restart-needed'])
  expect(said()).toContainEqual(waiting)
  write('health: {port: 1}\ncache: {ttl: {get: 5000ms}}')
  await reloader.reload()
  expect([applied.length, reloader.state]).toEqual([1, 'current'])
  expect(said()).toEqual([['info', 'the configuration was read again: nothing to change live', { cause: 'signal' }]])
})

test('a file with mistakes changes nothing, and every mistake is told', async () => {
  const { reloader, write, applied, states, said } = start('rules: [{match: "b/**", cache: false}]')
  write('rules: [{match: b}]\ncahce: {}\n')
  await reloader.reload()
  expect([applied, reloader.state]).toEqual([[], 'rejected'])
  expect(states).toEqual(['rejected'])
  expect(said()).toEqual([
    ['error', 'the configuration has mistakes; the one in force stays', { problems: 2 }],
    ['error', 'the configuration was not reloaded', { problem: 's.yaml:2:1: cahce: unknown key; did you mean cache?' }],
    [
      'error',
      'the configuration was not reloaded',
      {
        problem:
          's.yaml:1:10: rules.0.match: "b" can never match: it has no slash; a pattern is bucket/key, such as bucket/**',
      },
    ],
  ])
  write(undefined)
  await reloader.reload()
  expect(said()[1]).toEqual([
    'error',
    'the configuration was not reloaded',
    { problem: 'flag --config: s.yaml cannot be read: there is no such file' },
  ])
  write('rules: [{match: "b/**", cache: false}]')
  await reloader.poll()
  await reloader.poll()
  expect([applied, reloader.state]).toEqual([[], 'current'])
  expect(said()).toEqual([['info', 'the configuration was read again: nothing to change live', { cause: 'file' }]])
})

test('thousands of mistakes do not flood the log', async () => {
  const { reloader, write, said } = start('')
  write(
    'x: 1\n'
      .replace('x', '')
      .concat(Array.from({ length: 5000 }, (_, i) => `x${i}: 1\n`).join(''))
      .slice(4),
  )
  await reloader.reload()
  expect(said()).toHaveLength(101)
})

test('warnings come with a change', async () => {
  const { reloader, write, said } = start('')
  write('rules: [{match: "b/**"}]')
  await reloader.reload()
  await reloader.reload()
  expect(said().filter(([level]) => level === 'warn')).toEqual([
    ['warn', 'a doubtful setting', { warning: 's.yaml:1:9: rules.0: sets nothing' }],
  ])
})

test('a look at the file reads it only once it has changed and settled', async () => {
  const file = start('cache: {ttl: {get: 1s}}')
  const { reloader, write, applied } = file
  const looks = async (count: number) => {
    for (let i = 0; i < count; i += 1) await reloader.poll()
    return file.loads
  }
  expect(await looks(3)).toBe(0)
  write('cache: {ttl: ')
  expect(await looks(1)).toBe(0)
  write('cache: {ttl: {get: 2s}}')
  expect(await looks(1)).toBe(0)
  expect(await looks(1)).toBe(1)
  expect(applied.map(({ cache }) => cache.getTtlMs)).toEqual([2000])
  expect(await looks(3)).toBe(1)
  write('cache: {ttl: {get: 3s}}')
  await reloader.reload()
  expect(await looks(3)).toBe(2)
  write(undefined)
  expect(await looks(4)).toBe(3)
})

test.each<readonly [FileStamp, unknown[]]>([
  [{ kind: 'none' }, ['info', 'there is no configuration file to read again', {}]],
  [{ kind: 'stream' }, ['warn', 'the configuration cannot be read again: it is no regular file', {}]],
])('%j is not read again', async (stamp, line) => {
  const file = start('cache: {ttl: {get: 1s}}')
  file.become(stamp)
  await file.reloader.poll()
  await file.reloader.poll()
  expect([file.loads, file.said()]).toEqual([0, []])
  await file.reloader.reload()
  expect([file.loads, file.said()]).toEqual([0, [line]])
})

test('a defect is logged and ends nothing', async () => {
  const defect = new Error('defect')
  const loaded = loadConfig({ file: undefined, env: {}, flags: [], cwd: '/work' })
  if (loaded.kind === 'invalid') throw new Error('bad start')
  const errors: unknown[] = []
  const ignore = () => undefined
  const reloader = createReloader({
    source: {
      kind: 'source',
      loaded,
      stamped: { kind: 'none' },
      stamp: () => Promise.resolve({ kind: 'file', stamp: '1' }),
      load: () => {
        throw defect
      },
    },
    apply: ignore,
    log: { debug: ignore, info: ignore, warn: ignore, error: (fields) => void errors.push(fields) },
  })
  await Promise.all([reloader.reload(), reloader.reload()])
  expect(errors).toEqual([{ err: defect }, { err: defect }])
})

test('with workers, what they can take is put in force by new ones; the rest waits for a restart', async () => {
  const rolled: string[] = []
  let works = true
  const { reloader, write, applied, said } = start('health: {port: 1}', async (config) => {
    rolled.push(config.cache.directory)
    return works
  })
  write('health: {port: 1}\ncache: {dir: /other}')
  await reloader.reload()
  expect([rolled, applied, reloader.state]).toEqual([['/other'], [], 'current'])
  expect(said().at(-1)).toEqual([
    'info',
    'replacing the workers, since settings have changed',
    { changed: ['cache.dir'] },
  ])
  write('health: {port: 1}\ncache: {dir: /other, page_size: 1MiB}')
  await reloader.reload()
  expect([rolled.length, applied.length]).toEqual([1, 1])
  works = false
  write('health: {port: 1}\ncache: {dir: /third}')
  await reloader.reload()
  expect([rolled, reloader.state]).toEqual([['/other', '/third'], 'restart-needed'])
  works = true
  await reloader.reload()
  expect([rolled.at(-1), reloader.state]).toEqual(['/third', 'current'])
  write('health: {port: 2}\ncache: {dir: /third}')
  await reloader.reload()
  expect([rolled.length, reloader.state]).toEqual([3, 'restart-needed'])
})
