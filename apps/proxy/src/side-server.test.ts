import type { Server } from 'node:http'
import { listen } from '@s3proxy/gateway'
import { createMetrics } from '@s3proxy/metrics'
import { headerValue } from '@s3proxy/protocol'
import { connectHttp, type HttpAnswer, requestOnce } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import { createHealthServer, type Lifecycle } from './health.ts'
import { createMetricsServer } from './metrics-server.ts'
import { createSideServer } from './side-server.ts'

interface Running extends AsyncDisposable {
  readonly port: number
  get(target: string, options?: { readonly method?: string; readonly headers?: readonly string[] }): Promise<HttpAnswer>
}

async function run(server: Server): Promise<Running> {
  const listening = await listen(server, { port: 0, bind: '127.0.0.1' })
  if (listening.kind === 'failed') throw new Error(listening.message)
  const { port } = listening
  return {
    port,
    get: (target, { method = 'GET', headers = [] } = {}) =>
      requestOnce({ port }, { method, target, headers: ['Host', 'localhost', ...headers] }),
    [Symbol.asyncDispose]: () => listening.drain(0),
  }
}

test('health tells where the proxy is in its life', async () => {
  const life: { now: Lifecycle } = { now: 'starting' }
  let time = 1_000_000
  const server = createHealthServer({
    path: '/health',
    version: '1.2.3',
    lifecycle: () => life.now,
    configuration: () => 'rejected',
    now: () => time,
  })
  await using running = await run(server)
  time += 90_500
  const statuses = async () => {
    const answers = await Promise.all(
      ['/health', '/health/ready', '/ready', '/health/live', '/live'].map((path) => running.get(path)),
    )
    return answers.map(({ status }) => status)
  }
  expect(await statuses()).toEqual([503, 503, 503, 200, 200])
  life.now = 'ready'
  expect(await statuses()).toEqual([200, 200, 200, 200, 200])
  const answer = await running.get('/health')
  expect(JSON.parse(answer.body.toString())).toEqual({
    status: 'ready',
    version: '1.2.3',
    uptimeSeconds: 90,
    configuration: 'rejected',
  })
  expect(headerValue(answer.headers, 'content-type')).toBe('application/json; charset=utf-8')
  expect(headerValue(answer.headers, 'cache-control')).toBe('no-store')
  life.now = 'draining'
  expect(await statuses()).toEqual([503, 503, 503, 200, 200])
})

test('health answers on the path it was given', async () => {
  await using running = await run(
    createHealthServer({ path: '/a/b', version: '1', lifecycle: () => 'ready', configuration: () => 'current' }),
  )
  expect((await running.get('/a/b/live')).status).toBe(200)
  expect((await running.get('/health')).status).toBe(404)
})

test('metrics are text for scrapers and JSON for those who ask', async () => {
  const metrics = createMetrics({ version: '1.2.3', processMetrics: false })
  metrics.upstreamAnswered(200)
  await using running = await run(createMetricsServer({ path: '/metrics', metrics }))
  const plain = await running.get('/metrics', { headers: ['Accept', 'application/openmetrics-text;q=0.5,text/plain'] })
  expect(headerValue(plain.headers, 'content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(plain.body.toString()).toContain('\ns3proxy_upstream_requests_total{status_class="2xx"} 1\n')
  for (const answer of [
    await running.get('/metrics?format=json'),
    await running.get('/metrics', { headers: ['Accept', 'application/json, */*'] }),
  ]) {
    expect(headerValue(answer.headers, 'content-type')).toBe('application/json; charset=utf-8')
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      metrics: { s3proxy_upstream_requests_total: [{ labels: { status_class: '2xx' }, value: 1 }] },
    })
  }
})

test('other paths are 404, other methods 405', async () => {
  const metrics = createMetrics({ version: '1', processMetrics: false })
  await using running = await run(createMetricsServer({ path: '/metrics', metrics }))
  for (const target of ['/', '/metrics/', '/Metrics', '//metrics', '/metrics%2F', '*', 'http://h/x']) {
    expect((await running.get(target)).status).toBe(404)
  }
  expect((await running.get('http://h:1/metrics?x')).status).toBe(200)
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
    const answer = await running.get('/metrics', { method })
    expect([answer.status, headerValue(answer.headers, 'allow')]).toEqual([405, 'GET, HEAD'])
  }
})

test('HEAD has the head of GET and no body', async () => {
  await using running = await run(
    createHealthServer({ path: '/health', version: '1', lifecycle: () => 'ready', configuration: () => 'current' }),
  )
  const [get, head] = [await running.get('/health'), await running.get('/health', { method: 'HEAD' })]
  expect([head.status, head.bodyBytes]).toEqual([200, 0])
  expect(headerValue(head.headers, 'content-length')).toBe(headerValue(get.headers, 'content-length'))
})

test('an answer that cannot be made is 500 and told', async () => {
  const told: unknown[] = []
  const fault = new Error('no numbers')
  const metrics = { exposition: () => Promise.reject(fault), snapshot: () => Promise.reject(fault) }
  const server = createMetricsServer({ path: '/metrics', metrics, onError: (error) => told.push(error) })
  await using running = await run(server)
  expect((await running.get('/metrics')).status).toBe(500)
  expect((await running.get('/metrics?format=json')).status).toBe(500)
  expect(told).toEqual([fault, fault])
})

test('a body is not read, and its connection not used again', async () => {
  await using running = await run(
    createSideServer(() => ({ kind: 'document', status: 200, contentType: 'text/plain', body: 'x' })),
  )
  await using connection = await connectHttp({ port: running.port })
  await connection.send('GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nabc')
  const answer = await connection.receive()
  expect([answer.status, headerValue(answer.headers, 'connection')]).toEqual([200, 'close'])
  connection.socket.end()
  await connection.closed()
})

test('a head that is too large is refused', async () => {
  await using running = await run(
    createHealthServer({ path: '/health', version: '1', lifecycle: () => 'ready', configuration: () => 'current' }),
  )
  expect((await running.get('/health', { headers: ['X-Large', 'x'.repeat(20_000)] })).status).toBe(431)
})
