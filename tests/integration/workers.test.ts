import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { headerValue } from '@s3proxy/protocol'
import { connectHttp, type HttpConnection, patternContent, requestOnce, startObjectOrigin } from '@s3proxy/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { type ConfigObject, type RunningProxy, startProxy } from './harness/start-proxy.ts'

// Several processes behind one port are one proxy: what is true of one is true of all.

const host = 'store.test'
const workers = 2

async function setUp(over: ConfigObject = {}) {
  const origin = await startObjectOrigin()
  onTestFinished(() => origin.close())
  const config: ConfigObject = {
    server: { workers, config_poll: 0, drain_timeout: '5s' },
    cache: { authorization: 'network' },
    upstream: {
      stores: { [host]: { scheme: 'http' } },
      endpoint_overrides: { [host]: [`127.0.0.1:${origin.port}`] },
    },
    ...over,
  }
  const proxy = await startProxy(config)
  onTestFinished(async () => void (await proxy.stop()))
  return { origin, proxy }
}

/** So many that the kernel gives some to each worker. */
async function connections(proxy: RunningProxy): Promise<readonly HttpConnection[]> {
  const all = await Promise.all(Array.from({ length: 12 }, () => connectHttp({ port: proxy.port })))
  onTestFinished(() => {
    for (const connection of all) connection.destroy()
  })
  return all
}

/** The processes that serve, by the supervisor's pid. */
function workersOf(proxy: RunningProxy): readonly number[] {
  const listed = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(proxy.pid)], { encoding: 'utf8' })
  return listed.split('\n').flatMap((line) => (line.includes('worker-main') ? [Number.parseInt(line, 10)] : []))
}

async function metric(proxy: RunningProxy, line: RegExp): Promise<number> {
  const answer = await requestOnce(
    { port: proxy.metricsPort },
    { method: 'GET', target: '/metrics', headers: ['Host', 'm'] },
  )
  return Number(line.exec(answer.body.toString())?.[1])
}

/**
 * Requests one after the other in each of some lines until it is stopped: half of the lines connect anew for each, the
 * others keep their connection until an answer ends it.
 */
function keepAsking(proxy: RunningProxy, target: string) {
  let isOver = false
  let good = 0
  const failures: string[] = []
  const line = async (keep: boolean): Promise<void> => {
    let connection: HttpConnection | undefined
    while (!isOver) {
      try {
        connection ??= await connectHttp({ port: proxy.port })
        const headers = ['Host', host, ...(keep ? [] : ['Connection', 'close'])]
        const answer = await connection.request({ method: 'GET', target, headers })
        if (answer.status === 200 && answer.end.kind === 'complete') good++
        else failures.push(`${answer.status} ${answer.end.kind}`)
        if (headerValue(answer.headers, 'connection') !== 'close') continue
      } catch (error) {
        failures.push(String(error))
      }
      connection?.destroy()
      connection = undefined
    }
    connection?.destroy()
  }
  const lines = Promise.all(Array.from({ length: 6 }, (_, i) => line(i % 2 === 0)))
  return {
    failures,
    get good() {
      return good
    },
    async stop() {
      isOver = true
      await lines
    },
  }
}

/** Looks again until `condition` holds; the test's time limit ends it otherwise. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}

test('no connection sees what a write on another has replaced, whichever process answers', async () => {
  const { proxy } = await setUp()
  const all = await connections(proxy)
  const stale: string[] = []
  for (let i = 0; i < 150; i++) {
    const written = `version ${i}`
    const [writer] = all.slice(i % all.length)
    const headers = ['Host', host, 'Content-Length', String(written.length)]
    const put = await writer?.request({ method: 'PUT', target: '/b/k', headers, body: Buffer.from(written) })
    expect(put?.status).toBe(200)
    const answers = await Promise.all(
      all.map((each) => each.request({ method: 'GET', target: '/b/k', headers: ['Host', host] })),
    )
    for (const { body } of answers) if (body.toString() !== written) stale.push(`${body} for ${written}`)
  }
  expect(stale).toEqual([])
  expect(await metric(proxy, /^s3proxy_workers (\d+)$/m)).toBe(workers)
  const hits = /^s3proxy_requests_total\{method="GET",operation="GetObject",status_class="2xx",outcome="hit"\} (\d+)$/m
  expect(await metric(proxy, hits)).toBeGreaterThan(150)
})

test.each([
  ['network', 'whole objects', undefined],
  ['network', 'ranges', 1 << 20],
  ['s3', 'whole objects', undefined],
  ['s3', 'ranges', 1 << 20],
] as const)('40 clients of both processes at once, %s mode, %s: the store is spared', async (mode, _, part) => {
  const { origin, proxy } = await setUp({ cache: { authorization: mode } })
  const size = 6 * (1 << 20) + 5
  const content = patternContent(size, 7)
  const wanted = content.slice(0, size)
  const ratios: number[] = []
  for (const key of ['a', 'b', 'c']) {
    origin.objects.put('b', key, content)
    origin.objects.resetLog()
    const before = origin.objects.bodyBytesSent
    const read = async (): Promise<boolean> => {
      const bodies: Buffer[] = []
      for (let start = 0; start < size; start += part ?? size) {
        const end = Math.min(size, start + (part ?? size))
        const range = part === undefined ? [] : ['Range', `bytes=${start}-${end - 1}`]
        const headers = ['Host', host, ...range]
        const answer = await requestOnce({ port: proxy.port }, { method: 'GET', target: `/b/${key}`, headers })
        bodies.push(answer.body)
      }
      return Buffer.concat(bodies).equals(wanted)
    }
    const right = await Promise.all(Array.from({ length: 40 }, read))
    expect(right).toEqual(right.map(() => true))
    ratios.push((origin.objects.bodyBytesSent - before) / size)
  }
  await proxy.stop()
  // Who leads is agreed on by messages. A process that hears nothing for a second, as on a machine that is busy beyond all measure,
  // fetches all the same, and says so: then each may have fetched everything, once.
  const most = proxy.output().includes('has not said in time who fetches') ? workers : 1
  expect(ratios.map((ratio) => Math.max(ratio, most))).toEqual(ratios.map(() => most))
})

test('a worker that is killed is replaced, and new connections never notice', async () => {
  const { origin, proxy } = await setUp()
  origin.objects.put('b', 'k', 'x'.repeat(1000))
  const load = keepAsking(proxy, '/b/k')
  await until(() => load.good > 100)
  const before = workersOf(proxy)
  expect(before).toHaveLength(workers)
  process.kill(before[0] as number, 'SIGKILL')
  await until(
    async () => (await metric(proxy, /^s3proxy_workers (\d+)$/m)) === workers && workersOf(proxy)[0] !== before[0],
  )
  const sinceThen = load.good
  await until(() => load.good > sinceThen + 100)
  await load.stop()
  // Only the connections that the killed process had accepted can have broken: at most one for each line.
  expect(load.failures.length).toBeLessThanOrEqual(6)
  expect(await metric(proxy, /^s3proxy_worker_exits_total (\d+)$/m)).toBe(1)
})

test('a changed setting is put in force by new workers, without a request refused or reset', async () => {
  const { origin, proxy } = await setUp()
  origin.objects.put('b', 'k', 'x'.repeat(1000))
  const load = keepAsking(proxy, '/b/k')
  await until(() => load.good > 100)
  const before = workersOf(proxy)
  const file = join(dirname(proxy.cacheDir), 's3proxy.yaml')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('"memory": "32MiB"', '"memory": "16MiB"'))
  process.kill(proxy.pid, 'SIGHUP')
  await until(() => workersOf(proxy).every((pid) => !before.includes(pid)) && workersOf(proxy).length === workers)
  const sinceThen = load.good
  await until(() => load.good > sinceThen + 100)
  await load.stop()
  expect(load.failures).toEqual([])
  expect(await metric(proxy, /^s3proxy_worker_exits_total (\d+)$/m)).toBe(0)
  expect(proxy.output()).toContain('replacing the workers')
  expect(await proxy.stop()).toBe(0)
})

test('workers end when their supervisor is killed', async () => {
  const { origin, proxy } = await setUp()
  origin.objects.put('b', 'k', 'x')
  const pids = workersOf(proxy)
  expect(pids).toHaveLength(workers)
  process.kill(proxy.pid, 'SIGKILL')
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  await until(() => !pids.some(isAlive))
})
