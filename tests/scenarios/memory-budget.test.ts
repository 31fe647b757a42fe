import { openDiskTier } from '@s3proxy/cache-store'
import { createBudget } from '@s3proxy/gateway'
import { headerValue, minRunBytes } from '@s3proxy/protocol'
import {
  answer,
  connectHttp,
  createManualClock,
  createTempDir,
  type HttpConnection,
  startFakeOrigin,
} from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { host, startProxy, until } from './harness.ts'

/** More than the kernel takes for a client that does not read: 4 MiB to send and 6 MiB received. */
const object = Buffer.alloc(16 << 20)
for (let at = 0; at < object.length; at += 4) object.writeUInt32LE(at, at)

/** Whole objects of 16 MiB take their time on a busy machine. */
const timeout = 60_000

async function crowded(seats: number) {
  const origin = await startFakeOrigin({ handler: answer({ headers: ['ETag', '"e"'], body: object }) })
  const directory = await createTempDir()
  const clock = createManualClock()
  const budget = createBudget({
    maxBytes: seats * minRunBytes,
    timers: { setTimeout: clock.setTimeout, clearTimeout: (timer) => clock.clearTimeout(timer as never) },
  })
  const opening = await openDiskTier({ bootedAt: () => 0, directory: directory.path, maxBytes: 1 << 30, budget })
  if (opening.kind === 'refused') throw new Error(opening.message)
  // Runs last, when the proxy has closed the store.
  onTestFinished(async () => {
    await origin.close()
    await directory.remove()
  })
  const proxy = await startProxy({ origin, store: opening.store, budget })
  return { proxy, origin, budget, clock }
}

/** A client that asks for the object and does not read it yet. */
async function stuck(port: number): Promise<HttpConnection> {
  const client = await connectHttp({ port })
  onTestFinished(() => client.destroy())
  client.socket.pause()
  await client.send(`GET /b/k HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  return client
}

describe('clients that do not read', { timeout }, () => {
  it('hold no more than the budget; more of them are told to slow down, and who is let in gets every byte', async () => {
    const seats = 4
    const { proxy, origin, budget, clock } = await crowded(seats)
    const first = await proxy.settled('GET', '/b/k')
    expect(first.body.equals(object)).toBe(true)

    const clients: HttpConnection[] = []
    for (let seat = 1; seat <= seats; seat++) {
      clients.push(await stuck(proxy.port))
      await until(() => budget.usedBytes === seat * minRunBytes)
    }
    expect(budget.usedBytes).toBe(budget.maxBytes)
    const late = proxy.request('GET', '/b/k')
    await until(() => budget.waiting === 1)
    clock.advance(1000)
    const refused = await late
    expect([refused.status, headerValue(refused.headers, 'retry-after')]).toEqual([503, '1'])
    expect(refused.body.toString()).toContain('<Code>SlowDown</Code>')

    // Full as it is, nobody who has begun waits for memory.
    const [reading] = clients
    const whole = await reading?.receive()
    expect(whole?.body.equals(object)).toBe(true)

    // The seat that became free is for the next.
    await until(() => budget.usedBytes === budget.maxBytes - minRunBytes)
    const next = proxy.request('GET', '/b/k')
    expect((await next).body.equals(object)).toBe(true)
    for (const client of clients) client.destroy()
    await proxy.gateway.idle()
    expect(budget.usedBytes).toBe(0)
    expect(origin.requests.length).toBe(1)
  })

  it('make no others wait: one of a fill reads on from the file', async () => {
    const { proxy, origin, budget } = await crowded(16)
    const slow = await stuck(proxy.port)
    await until(() => proxy.gateway.inFlight === 1)
    const fast = await proxy.request('GET', '/b/k')
    expect(fast.body.equals(object)).toBe(true)
    expect((await slow.receive()).body.equals(object)).toBe(true)
    expect(origin.requests.length).toBe(1)
    await proxy.gateway.idle()
    expect(budget.usedBytes).toBe(0)
  })
})
