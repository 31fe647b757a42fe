import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import { captureIo } from './capture-io.ts'
import { type Demo, run, type Serve } from './cli.ts'
import type { Config } from './config/config.ts'
import type { FlagValue } from './config/layers/flags.ts'

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly served: readonly Config[]
  readonly demoed: readonly (readonly FlagValue[])[]
}

async function s3proxy(
  argv: readonly string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Outcome> {
  const served: Config[] = []
  const demoed: (readonly FlagValue[])[] = []
  const serve: Serve = ({ loaded }) => {
    served.push(loaded.config)
    return Promise.resolve(0)
  }
  const io = captureIo(options)
  const demo: Demo = (flags) => {
    demoed.push(flags)
    return Promise.resolve(0)
  }
  const code = await run(argv, { io, version: '1.2.3', serve, demo })
  return { code, out: io.out, err: io.err, served, demoed }
}

test('demo gets the flags and no configuration file', async () => {
  const { code, served, demoed } = await s3proxy(['demo', '-p', '8123'])
  expect([code, served, demoed]).toEqual([0, [], [[{ path: 'server.http.port', text: '8123', flag: '--port' }]]])
})

test('alone it means serve', async () => {
  const { code, served, err } = await s3proxy([])
  expect([code, err, served.length]).toEqual([0, '', 1])
  expect((await s3proxy(['serve'])).served.length).toBe(1)
})

test('short flags and --set count in the order they are written', async () => {
  const { served } = await s3proxy([
    '-p',
    '8000',
    '--set',
    'cache.dir=/a',
    '-d',
    '/b=c',
    '-l',
    'debug',
    '--set',
    'server.http.port=8001',
  ])
  const config = served[0]
  expect([config?.server.http.port, config?.cache.directory, config?.logging.level]).toEqual([8001, '/b=c', 'debug'])
})

test.each([[['check', '-p', '8000']], [['-p', '8000', 'check']], [['check', '--port=8000']]])(
  'the flags of %j stand on either side of the command',
  async (argv) => {
    const { code, out } = await s3proxy(argv)
    expect(code).toBe(0)
    expect(out).toMatch(/^ {4}port: 8000 +# flag --port$/m)
  },
)

test('the file is taken from -c, else from S3PROXY_CONFIG', async () => {
  await using dir = await createTempDir()
  await writeFile(join(dir.path, 'a.yaml'), 'health: {port: 1}')
  await writeFile(join(dir.path, 'b.yaml'), 'health: {port: 2}')
  const where = { env: { S3PROXY_CONFIG: 'b.yaml' }, cwd: dir.path }
  expect((await s3proxy(['-c', 'a.yaml'], where)).served[0]?.health.port).toBe(1)
  expect((await s3proxy([], where)).served[0]?.health.port).toBe(2)
})

test('a wrong configuration starts nothing and exits with 2', async () => {
  const { code, served, err } = await s3proxy(['--set', 'cache.dri=x', '-p', 'http'], {
    env: { S3PROXY_CACHE_SIZE: '1' },
  })
  expect([code, served]).toEqual([2, []])
  expect(err).toBe(
    's3proxy: the configuration has 3 problems:\n' +
      '  env S3PROXY_CACHE_SIZE: unknown variable; did you mean S3PROXY_CACHE_DIR?\n' +
      '  flag --set cache.dri: cache.dri: unknown key; did you mean cache.dir?\n' +
      '  flag --port: server.http.port: "http" is not a whole number from 0 to 65535\n',
  )
})

test('warnings are told, and do not stop it', async () => {
  const { code, served, err } = await s3proxy([], { env: { S3PROXY_SERVER_HTTPS_PORT: '4' } })
  expect([code, served.length]).toEqual([0, 1])
  expect(err).toBe(
    'warning: env S3PROXY_SERVER_HTTPS_PORT: server.https.port: not available in this version, ignored\n',
  )
})

test.each([
  [['chekc'], /unknown command 'chekc'\n\(Did you mean check\?\)/],
  [['purge'], /unknown command 'purge'/],
  [['--prot', '1'], /unknown option '--prot'\n\(Did you mean --port\?\)/],
  [['check', '--jsno'], /unknown option '--jsno'\n\(Did you mean --json\?\)/],
  [['check', 'extra'], /too many arguments/],
  [['serve', 'extra'], /unknown command 'extra'/],
  [['-c'], /option '-c, --config <file>' argument missing/],
  [['--set', 'cache.dir'], /Write it as key=value/],
])('%j is a wrong command line', async (argv, message) => {
  const { code, err, served } = await s3proxy(argv)
  expect([code, served]).toEqual([2, []])
  expect(err).toMatch(message)
})

test('the version is printed', async () => {
  expect(await s3proxy(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' })
})

test('the help shows commands, flags, examples and exit codes', async () => {
  const { code, out } = await s3proxy(['--help'])
  expect(code).toBe(0)
  for (const part of ['serve', 'check', '--set <key=value>', '-c, --config <file>', 'Examples:', 'Exit codes:']) {
    expect(out).toContain(part)
  }
  expect((await s3proxy(['check', '--help'])).out).toContain('--json')
})
