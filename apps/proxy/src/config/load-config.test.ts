import { availableParallelism } from 'node:os'
import { createCertificateAuthority } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import type { Config } from './config.ts'
import { environmentName } from './layers/environment.ts'
import type { FlagValue } from './layers/flags.ts'
import { type LoadOptions, type LoadResult, loadConfig } from './load-config.ts'
import { formatProblem } from './problem.ts'
import { malformed, read } from './reading.ts'
import { knownPaths, settings } from './schema.ts'

const { caPem: pem } = await createCertificateAuthority()

function load(yaml: string | undefined, options: Partial<LoadOptions> = {}): LoadResult {
  const files: Record<string, string> = {
    '/work/ca.pem': pem,
    '/work/no.pem': 'no',
    ...(yaml === undefined ? {} : { '/work/s.yaml': yaml }),
  }
  return loadConfig({
    file: yaml === undefined ? undefined : 's.yaml',
    env: {},
    flags: [],
    cwd: '/work',
    home: '/home/u',
    readText: (path) => (path in files ? read(files[path] ?? '') : malformed('there is no such file')),
    ...options,
  })
}

function configOf(result: LoadResult): Config {
  if (result.kind === 'config') return result.config
  throw new Error(result.problems.map(formatProblem).join('\n'))
}

function problemsOf(result: LoadResult): string[] {
  return result.kind === 'invalid' ? result.problems.map(formatProblem) : []
}

function warningsOf(result: LoadResult): string[] {
  return result.kind === 'config' ? result.warnings.map(formatProblem) : problemsOf(result)
}

const set = (path: string, text: string): FlagValue => ({ path, text, flag: `--set ${path}` })

test('without a file the built-in defaults hold', () => {
  expect(configOf(load(undefined))).toEqual({
    server: {
      http: { port: 80, bind: '::' },
      workers: availableParallelism(),
      maxConcurrentRequests: 1000,
      memoryBudgetBytes: 512 * 1024 ** 2,
      headTimeoutMs: 30_000,
      idleTimeoutMs: 60_000,
      drainTimeoutMs: 30_000,
      configPollMs: 5000,
    },
    cache: {
      directory: '/work/cache',
      maxBytes: 10 * 1024 ** 3,
      minFree: { share: 0.01 },
      memoryBytes: 512 * 1024 ** 2,
      eviction: 's3-fifo',
      compression: 'off',
      verifyFills: 'cheap',
      scrub: { bytesPerSecond: 8 * 1024 ** 2, intervalMs: 7 * 24 * 3_600_000 },
      presignedMemoMs: 0,
      authorization: 's3',
      getTtlMs: 3650 * 24 * 3_600_000,
      headTtlMs: 60_000,
      staleIfErrorMs: 0,
      staleWhileRevalidateMs: 0,
      negativeTtlMs: 0,
      honourCacheControl: false,
      pageBytes: 0,
    },
    rules: [],
    upstream: {
      dns: { servers: ['8.8.8.8', '8.8.4.4', '1.1.1.1', '1.0.0.1'], refreshMs: 60_000 },
      endpointOverrides: {},
      stores: [],
      caFile: undefined,
      connectTimeoutMs: 10_000,
      firstByteTimeoutMs: 30_000,
      idleTimeoutMs: 30_000,
    },
    health: { enabled: true, port: 8080, bind: '::', path: '/health' },
    metrics: { enabled: true, port: 9090, bind: '::', path: '/metrics' },
    logging: {
      level: 'info',
      directory: undefined,
      retentionMs: 30 * 24 * 3_600_000,
      access: {
        directory: '/work/logs/access',
        mode: 'all',
        rotationMs: 300_000,
        retentionMs: 30 * 24 * 3_600_000,
      },
    },
  } satisfies Config)
})

test('later layers win, and each value knows its layer', () => {
  const result = load('server:\n  http: { port: 81 }\ncache:\n  memory: 1MiB\n  max_size: 1GiB\n', {
    env: { S3PROXY_CACHE_MEMORY: '2MiB', S3PROXY_CACHE_MAX_SIZE: '2GiB', HOME: '/root' },
    flags: [set('cache.max_size', '3GiB'), set('cache.max_size', '4GiB')],
  })
  const config = configOf(result)
  expect([config.server.http.port, config.cache.memoryBytes, config.cache.maxBytes]).toEqual([
    81,
    2 * 1024 ** 2,
    4 * 1024 ** 3,
  ])
  const origins = result.kind === 'config' ? result.provenance : new Map()
  expect(origins.get('server.http.port')?.origin).toEqual({ kind: 'file', file: 's.yaml', line: 2, column: 17 })
  expect(origins.get('cache.memory')?.origin).toEqual({ kind: 'environment', name: 'S3PROXY_CACHE_MEMORY' })
  expect(origins.get('cache.max_size')).toEqual({
    raw: '4GiB',
    value: 4 * 1024 ** 3,
    origin: { kind: 'flag', flag: '--set cache.max_size' },
  })
  expect(origins.get('health.port')?.origin).toEqual({ kind: 'default' })
})

/** A value other than the default for every key. */
const others: Readonly<Record<string, string>> = {
  'server.http.port': '81',
  'server.http.bind': '127.0.0.1',
  'server.workers': '3',
  'server.max_concurrent_requests': '7',
  'server.memory_budget': '64MiB',
  'server.head_timeout': '1s',
  'server.idle_timeout': '1s',
  'server.drain_timeout': '1s',
  'server.config_poll': '0',
  'cache.dir': '/c',
  'cache.max_size': '1TiB',
  'cache.min_free': '5GiB',
  'cache.memory': '0',
  'cache.eviction': 'lru',
  'cache.compression': 'zstd',
  'cache.verify_fills': 'all',
  'cache.scrub.rate': '0',
  'cache.scrub.interval': '1d',
  'cache.authorization': 'network',
  'cache.presigned_memo': '10s',
  'cache.ttl.get': '0',
  'cache.ttl.head': '0',
  'cache.stale_if_error': '1h',
  'cache.stale_while_revalidate': '1m',
  'cache.negative_ttl': '1s',
  'cache.honour_cache_control': 'true',
  'cache.page_size': '1MiB',
  rules: '[{match: "a/**", cache: false}]',
  'upstream.dns.servers': '10.0.0.2:5353,[::1]:53',
  'upstream.dns.refresh': '5s',
  'upstream.endpoint_overrides': '{"*.s3.us-east-1.amazonaws.com": ["10.0.1.100:8443"]}',
  'upstream.stores': '{"minio.local:9000": {scheme: http}}',
  'upstream.ca_file': 'ca.pem',
  'upstream.timeouts.connect': '1s',
  'upstream.timeouts.first_byte': '1s',
  'upstream.timeouts.idle': '1s',
  'health.enabled': 'false',
  'health.port': '0',
  'health.bind': '127.0.0.1',
  'health.path': '/healthz',
  'metrics.enabled': 'false',
  'metrics.port': '0',
  'metrics.bind': '127.0.0.1',
  'metrics.path': '/m',
  'logging.level': 'debug',
  'logging.dir': '~/logs',
  'logging.retention': '2d',
  'logging.access.dir': 'null',
  'logging.access.mode': 'cached_only',
  'logging.access.rotation': '1h',
  'logging.access.retention': '1d',
}

test('every key is tried below', () => {
  expect(Object.keys(others)).toEqual([...settings.keys()])
})

test.each(Object.entries(others))('%s changes the configuration from every layer', (path, text) => {
  const defaults = configOf(load(undefined))
  const yaml = path.split('.').reduceRight((inner, name) => `{${name}: ${inner}}`, yamlValue(path, text))
  const fromFile = configOf(load(yaml))
  expect(fromFile).not.toEqual(defaults)
  expect(configOf(load(undefined, { env: { [environmentName(path)]: text } }))).toEqual(fromFile)
  expect(configOf(load(undefined, { flags: [set(path, text)] }))).toEqual(fromFile)
})

function yamlValue(path: string, text: string): string {
  if (path === 'upstream.dns.servers') return '["10.0.0.2:5353", "[::1]:53"]'
  return text === 'null' || /^[{[]/.test(text) ? text : JSON.stringify(text)
}

test('rules and what cache says about reads change live, all else with a restart', () => {
  expect([...settings].filter(([, { live }]) => live).map(([path]) => path)).toEqual([
    'cache.authorization',
    'cache.ttl.get',
    'cache.ttl.head',
    'cache.stale_if_error',
    'cache.stale_while_revalidate',
    'cache.negative_ttl',
    'cache.honour_cache_control',
    'cache.page_size',
    'rules',
  ])
})

test('environment names are unambiguous', () => {
  expect(new Set(knownPaths.map(environmentName)).size).toBe(knownPaths.length)
})

test.each<readonly [string, string, string]>([
  ['unknown key', 'cache:\n  dri: x\n', 's.yaml:2:3: cache.dri: unknown key; did you mean cache.dir?'],
  ['unknown section', 'caches: {}\n', 's.yaml:1:1: caches: unknown key; did you mean cache?'],
  ['key in the wrong section', 'max_size: 1GiB\n', 's.yaml:1:1: max_size: unknown key; did you mean cache.max_size?'],
  ['key of another program', 'http_port: 1\n', 's.yaml:1:1: http_port: unknown key; did you mean server.http.port?'],
  ['strange key', 'wibblewobble: 1\n', 's.yaml:1:1: wibblewobble: unknown key'],
  [
    'bad size',
    'cache: {max_size: 10gb}',
    's.yaml:1:19: cache.max_size: "10gb" is not a size such as 64KiB, 512MiB or 10GiB',
  ],
  [
    'no unit',
    'cache: {ttl: {head: 60}}',
    's.yaml:1:21: cache.ttl.head: 60 has no unit; write a duration such as 250ms, 30s, 5m, 1h, 7d or 10y',
  ],
  [
    'out of range',
    'server: {head_timeout: 10ms}',
    's.yaml:1:24: server.head_timeout: 10ms is not between 100ms and 1h',
  ],
  ['bad port', 'health: {port: 70000}', 's.yaml:1:16: health.port: 70000 is not a whole number from 0 to 65535'],
  [
    'bad word',
    'cache: {authorization: netwrok}',
    's.yaml:1:24: cache.authorization: "netwrok" is not one of s3, network; did you mean network?',
  ],
  [
    'word of a later version',
    'cache: {authorization: verify}',
    's.yaml:1:24: cache.authorization: "verify" is not available in this version; write s3 or network',
  ],
  ['boolean', 'health: {enabled: yes}', 's.yaml:1:19: health.enabled: "yes" is neither true nor false'],
  ['nothing given', 'cache:\n  dir:\n', 's.yaml:2:7: cache.dir: null is not text'],
  ['empty', 'logging: {dir: ""}', 's.yaml:1:16: logging.dir: must not be empty; write null for none'],
  [
    'value for a section',
    'cache: 5',
    's.yaml:1:8: cache: is a section, not a value; its keys are dir, max_size, min_free, memory, eviction, compression, verify_fills, scrub, authorization, presigned_memo, ttl, stale_if_error, stale_while_revalidate, negative_ttl, honour_cache_control, page_size, write_through',
  ],
  ['section for a value', 'cache: {dir: {a: 1}}', 's.yaml:1:14: cache.dir: {"a":1} is not text'],
  [
    'not a mapping',
    '- a',
    's.yaml:1:1: the file must be a mapping; its keys are server, cache, rules, upstream, health, metrics, logging, coordination, dashboard, admin',
  ],
  ['duplicate key', 'cache: {dir: a}\nhealth: {}\ncache: {}\n', 's.yaml:3:1: cache: is there twice'],
  ['duplicate inner key', 'upstream: {stores: {a: {}, a: {}}}', 's.yaml:1:28: upstream.stores.a: is there twice'],
  ['key that is no text', '? [a]\n: 1\n', 's.yaml:1:3: holds a key that is not plain text'],
  [
    'tag',
    'cache: {dir: !!js/function x}',
    's.yaml:1:14: is not valid YAML: Unresolved tag: tag:yaml.org,2002:js/function',
  ],
  [
    'store key',
    'upstream:\n  stores:\n    "a.b:9000": { schema: http }\n',
    's.yaml:3:19: upstream.stores."a.b:9000".schema: unknown key; did you mean scheme?',
  ],
  [
    'store value',
    'upstream:\n  stores:\n    "a.b:9000": { scheme: ftp }\n',
    's.yaml:3:19: upstream.stores."a.b:9000".scheme: "ftp" is not one of http, https',
  ],
  [
    'store name',
    'upstream:\n  stores:\n    "a b": {}\n',
    's.yaml:3:5: upstream.stores."a b": "a b" is not a host name or IP address with an optional :port',
  ],
  ['store twice', 'upstream: {stores: {a: {}, A: {}}}', 's.yaml:1:28: upstream.stores.A: "A" is there twice'],
  [
    'override host',
    'upstream: {endpoint_overrides: {"*a:80": [1.1.1.1]}}',
    's.yaml:1:33: upstream.endpoint_overrides."*a:80": "*a:80" is not a host name or *.suffix with an optional :port',
  ],
  [
    'override address',
    'upstream: {endpoint_overrides: {a: [b/c]}}',
    's.yaml:1:37: upstream.endpoint_overrides.a.0: "b/c" is not a host name or IP address with an optional :port',
  ],
  [
    'override without address',
    'upstream: {endpoint_overrides: {a: []}}',
    's.yaml:1:33: upstream.endpoint_overrides.a: must hold at least 1 item',
  ],
  [
    'variable',
    `cache: {dir: "\${NOWHERE}/x"}`,
    's.yaml:1:14: cache.dir: needs the environment variable NOWHERE, which is not set',
  ],
  [
    'home of another',
    'cache: {dir: ~other/x}',
    's.yaml:1:14: cache.dir: starts with ~name, which is not expanded; write the whole path',
  ],
  [
    'bind with brackets',
    'metrics: {bind: "[::1]"}',
    's.yaml:1:17: metrics.bind: "[::1]" is not an IP address such as "::", 0.0.0.0 or 127.0.0.1 (no brackets, no port)',
  ],
  [
    'terminate',
    'server: {https: {mode: terminate}}',
    's.yaml:1:24: server.https.mode: not available in this version, and going on without it would not do what was asked for',
  ],
  [
    'redis',
    'coordination: {backend: redis}',
    's.yaml:1:25: coordination.backend: not available in this version, and going on without it would not do what was asked for',
  ],
  [
    'mistyped number of workers',
    'server: {workers: many}',
    's.yaml:1:19: server.workers: is neither auto nor a whole number from 1 to 1024',
  ],
  ['same port', 'health: {port: 9090}', 'default: metrics.port: 9090 is the port of health too'],
  [
    'log in the cache',
    'logging: {access: {dir: ./cache/logs}}',
    's.yaml:1:25: logging.access.dir: lies inside cache.dir',
  ],
  [
    'short retention',
    'logging: {access: {rotation: 2h, retention: 1h}}',
    's.yaml:1:45: logging.access.retention: is shorter than logging.access.rotation',
  ],
  ['missing certificates', 'upstream: {ca_file: nowhere.pem}', 's.yaml:1:21: upstream.ca_file: there is no such file'],
  [
    'empty certificates',
    'upstream: {ca_file: no.pem}',
    's.yaml:1:21: upstream.ca_file: is no use: there is no PEM certificate in it',
  ],
])('%s', (_, yaml, problem) => {
  expect(problemsOf(load(yaml))).toEqual([problem])
})

test('all problems of all layers are told at once', () => {
  const result = load('cache: {dri: x, max_size: lots}\nhealth: {port: -1}\n', {
    env: { S3PROXY_CACHE_DRI: 'x', S3PROXY_HEALTH_PORT: 'http' },
    flags: [set('cache.memory', 'much'), set('cache', '{}'), set('metrics.prot', '1')],
  })
  expect(problemsOf(result)).toEqual([
    's.yaml:1:9: cache.dri: unknown key; did you mean cache.dir?',
    'env S3PROXY_CACHE_DRI: unknown variable; did you mean S3PROXY_CACHE_DIR?',
    'flag --set cache: cache: is a section; set one of its keys: dir, max_size, min_free, memory, eviction, compression, verify_fills, scrub, authorization, presigned_memo, ttl, stale_if_error, stale_while_revalidate, negative_ttl, honour_cache_control, page_size, write_through',
    'flag --set metrics.prot: metrics.prot: unknown key; did you mean metrics.port?',
    's.yaml:1:27: cache.max_size: "lots" is not a size such as 64KiB, 512MiB or 10GiB',
    's.yaml:2:16: health.port: -1 is not a whole number from 0 to 65535',
    'env S3PROXY_HEALTH_PORT: health.port: "http" is not a whole number from 0 to 65535',
    'flag --set cache.memory: cache.memory: "much" is not a size such as 64KiB, 512MiB or 10GiB',
  ])
})

test('bad syntax is told with its place, and nothing else', () => {
  const problems = problemsOf(load('cache:\n  dir: "x\n  nonsense: 1\n'))
  expect(problems[0]).toMatch(/^s\.yaml:\d+:\d+: is not valid YAML: Missing closing "quote$/)
  expect(problems.length).toBeLessThanOrEqual(3)
})

test.each([
  ['deep nesting', '['.repeat(50_000)],
  ['exponential aliases', `a: &a [1,1,1,1,1,1,1,1,1]\n${bomb('abcdefgh')}upstream: {stores: *h}\n`],
])('%s is refused', (_, yaml) => {
  expect(problemsOf(load(yaml)).length).toBeGreaterThan(0)
})

function bomb(names: string): string {
  return [...names]
    .slice(1)
    .map((name, i) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${names[i]}`).join(',')}]\n`)
    .join('')
}

test('a key of a later version gives a warning, unless it asks for what happens anyway', () => {
  expect(
    warningsOf(load('server: {https: {port: 444}, forward: {enabled: false}}\nrules: []\ndashboard: {port: 8081}\n')),
  ).toEqual([
    's.yaml:1:24: server.https.port: not available in this version, ignored',
    's.yaml:3:19: dashboard.port: not available in this version, ignored',
  ])
})

test('the whole contract of names is understood', () => {
  const yaml = `
server:
  http: { port: 80, bind: "::" }
  forward: { port: 3128, enabled: false }
  https: { port: 443, mode: passthrough }
  workers: auto
  max_concurrent_requests: 1000
  memory_budget: 512MiB
cache:
  dir: ./cache
  max_size: 10GiB
  memory: 512MiB
  authorization: s3
  ttl: { get: 10y, head: 60s, put: 1h }
  write_through: true
  eviction: s3-fifo
  compression: off
rules: []
upstream:
  dns: { servers: [8.8.8.8, 8.8.4.4, 1.1.1.1, 1.0.0.1], refresh: 60s }
  endpoint_overrides: { "s3.us-east-1.amazonaws.com": ["10.0.1.100"], "*.s3.us-east-1.amazonaws.com": ["10.0.1.100:8443"] }
  stores: { "minio.local:9000": { scheme: http, validate_tls: true } }
  ca_file: null
coordination: { backend: local, url: null }
health: { port: 8080, path: /health }
dashboard: { port: 8081, bind: 127.0.0.1 }
metrics: { port: 9090, path: /metrics, otlp: { endpoint: null } }
admin: { port: 8082, bind: 127.0.0.1, token_file: null }
logging: { level: info, dir: null, retention: 30d, access: { dir: ./logs/access, mode: all, rotation: 5m, retention: 30d } }
`
  const config = configOf(load(yaml))
  expect(config.upstream.stores).toEqual([
    { name: 'minio.local:9000', scheme: 'http', validateTls: true, endpoint: undefined },
  ])
  expect(config.upstream.endpointOverrides).toEqual({
    's3.us-east-1.amazonaws.com': ['10.0.1.100'],
    '*.s3.us-east-1.amazonaws.com': ['10.0.1.100:8443'],
  })
})

test('names of stores and overrides are put into one form', () => {
  const { upstream } = configOf(
    load('upstream: {stores: {"MinIO:9000": {}, "::1": {}}, endpoint_overrides: {"*.A:80": [B, "::1", "10.0.0.1:1"]}}'),
  )
  expect(upstream.stores.map(({ name }) => name)).toEqual(['minio:9000', '[::1]'])
  expect(upstream.endpointOverrides).toEqual({ '*.a:80': ['b', '[::1]', '10.0.0.1:1'] })
})

test('an empty list of DNS servers means those of the system', () => {
  const result = load('upstream: {dns: {servers: []}}', { systemDnsServers: () => ['10.0.0.53'] })
  expect(configOf(result).upstream.dns.servers).toEqual(['10.0.0.53'])
})

test('names of hosts are no names of object methods', () => {
  const { endpointOverrides } = configOf(load(undefined)).upstream
  expect(endpointOverrides['constructor']).toBeUndefined()
})

test('variables and the home directory expand in the file', () => {
  const config = configOf(
    load(
      `cache: {dir: "\${BASE}/c$$x", max_size: "\${SIZE}"}\nlogging: {dir: ~/l}\nupstream: {dns: {servers: ["\${DNS}"]}}`,
      {
        env: { BASE: '/data', SIZE: '1GiB', DNS: '10.0.0.2' },
      },
    ),
  )
  expect([
    config.cache.directory,
    config.cache.maxBytes,
    config.logging.directory,
    config.upstream.dns.servers,
  ]).toEqual(['/data/c$x', 1024 ** 3, '/home/u/l', ['10.0.0.2']])
})

test('empty sections and empty files are all right', () => {
  const defaults = configOf(load(undefined))
  for (const yaml of ['', '# nothing\n', 'cache:\n', 'server:\n  http:\n', '---\n']) {
    expect(configOf(load(yaml))).toEqual(defaults)
  }
})

test('an explicit null is no empty section', () => {
  expect(problemsOf(load('health: null'))).toEqual([
    's.yaml:1:9: health: is a section, not a value; its keys are enabled, port, bind, path',
  ])
})

test('S3PROXY_CONFIG names the file when no flag does', () => {
  const readText = (path: string) => (path === '/work/e.yaml' ? read('health: {port: 1}') : malformed('is missing'))
  const env = { S3PROXY_CONFIG: 'e.yaml' }
  expect(configOf(load(undefined, { env, readText })).health.port).toBe(1)
  expect(problemsOf(load(undefined, { env: { S3PROXY_CONFIG: 'f.yaml' }, readText }))).toEqual([
    'env S3PROXY_CONFIG: f.yaml is missing',
  ])
  expect(problemsOf(load(undefined, { file: 'g.yaml', env, readText }))).toEqual(['flag --config: g.yaml is missing'])
})

test('variables that Kubernetes makes for services are nobody’s settings', () => {
  const env = {
    S3PROXY_SERVICE_HOST: '10.0.0.1',
    S3PROXY_SERVICE_PORT: '80',
    S3PROXY_SERVICE_PORT_HTTP: '80',
    S3PROXY_PORT: 'tcp://10.0.0.1:80',
    S3PROXY_PORT_80_TCP: 'tcp://10.0.0.1:80',
    S3PROXY_PORT_80_TCP_ADDR: '10.0.0.1',
    S3PROXY_METRICS_PORT: 'tcp://10.0.0.2:9090',
    S3PROXY_METRICS_PORT_9090_TCP_PROTO: 'tcp',
  }
  expect(configOf(load(undefined, { env }))).toEqual(configOf(load(undefined)))
})

test('a store whose certificate is not checked is warned of', () => {
  expect(warningsOf(load('upstream: {stores: {s.local: {validate_tls: false}}}'))).toEqual([
    's.yaml:1:20: upstream.stores: the certificate of s.local is not checked; prefer upstream.ca_file',
  ])
})

test('listeners on different addresses or without a fixed port may share it', () => {
  const yaml = 'server: {http: {bind: 10.0.0.1, port: 8080}}\nhealth: {bind: 127.0.0.1}\nmetrics: {port: 0}\n'
  expect(configOf(load(yaml)).server.http.port).toBe(8080)
  expect(configOf(load('health: {port: 9090, enabled: false}')).metrics.port).toBe(9090)
})
