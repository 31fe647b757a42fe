import { ProxyError } from '@s3proxy/protocol'
import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { createDial, type TunnelEndpoint } from './dial.ts'
import { listen } from './testing.ts'

const { signal } = new AbortController()
const refused = { address: '127.0.0.1', port: 1 }

function dialTo(endpoints: readonly TunnelEndpoint[]) {
  return createDial({ locate: () => endpoints, connectTimeoutMs: 5_000, clock: systemClock })
}

test('the first address that can be connected to is used', async () => {
  await using server = await listen((socket) => socket.end('hi'))
  const dial = dialTo([refused, { address: '127.0.0.1', port: server.port }, refused])
  const socket = await dial('s3.test', 443, signal)
  expect(socket.remotePort).toBe(server.port)
  socket.destroy()
})

test('no address that can be connected to is a bad gateway', async () => {
  await expect(dialTo([refused, refused])('s3.test', 443, signal)).rejects.toMatchObject({
    code: 'BadGateway',
    reason: 'connect-failed',
  })
})

test('no address at all is service unavailable', async () => {
  await expect(dialTo([])('s3.test', 443, signal)).rejects.toMatchObject({ code: 'ServiceUnavailable' })
})

test('the failure of the look-up is its own', async () => {
  const denied = new ProxyError('AccessDenied', { source: 'proxy' })
  const dial = createDial({ locate: () => Promise.reject(denied), connectTimeoutMs: 1, clock: systemClock })
  await expect(dial('s3.test', 443, signal)).rejects.toBe(denied)
})

test('a signal ends it', async () => {
  await expect(dialTo([refused])('s3.test', 443, AbortSignal.abort())).rejects.toMatchObject({ code: 'ClientClosed' })
})
