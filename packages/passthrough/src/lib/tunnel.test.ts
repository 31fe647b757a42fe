import { createManualClock } from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { readToEnd, settle, socketPair } from './testing.ts'
import { runTunnel, type TunnelOptions } from './tunnel.ts'

/** A tunnel between two connections: `left` and `right` are what a client and a destination hold. */
async function setUp(options: Partial<TunnelOptions> = {}) {
  const clientSide = await socketPair()
  const destinationSide = await socketPair()
  const end = runTunnel({
    client: clientSide.far,
    destination: destinationSide.near,
    replay: [],
    idleTimeoutMs: 60_000,
    clock: systemClock,
    signal: new AbortController().signal,
    ...options,
  })
  return {
    left: clientSide.near,
    right: destinationSide.far,
    end,
    async [Symbol.asyncDispose]() {
      await clientSide[Symbol.asyncDispose]()
      await destinationSide[Symbol.asyncDispose]()
    },
  }
}

describe('a tunnel', () => {
  test('passes bytes both ways and counts them', async () => {
    await using tunnel = await setUp({ replay: [Buffer.from('hel'), Buffer.from('lo ')] })
    tunnel.left.end('world')
    expect(await readToEnd(tunnel.right)).toEqual({ text: 'hello world', how: 'end' })
    tunnel.right.end('fine')
    expect(await readToEnd(tunnel.left)).toEqual({ text: 'fine', how: 'end' })
    expect(await tunnel.end).toEqual({ kind: 'closed', bytesUp: 11, bytesDown: 4 })
  })

  test('keeps one direction open after the end of the other', async () => {
    await using tunnel = await setUp()
    tunnel.right.end('first')
    expect(await readToEnd(tunnel.left)).toEqual({ text: 'first', how: 'end' })
    tunnel.left.write('still')
    await settle()
    tunnel.left.end(' here')
    expect(await readToEnd(tunnel.right)).toEqual({ text: 'still here', how: 'end' })
    expect(await tunnel.end).toEqual({ kind: 'closed', bytesUp: 10, bytesDown: 5 })
  })

  test('passes a large transfer whole, no faster than it is read', async () => {
    await using tunnel = await setUp()
    const total = 64 * 1024 * 1024
    let taken = 0
    tunnel.right.on('error', () => tunnel.right.destroy())
    const send = async (): Promise<void> => {
      const chunk = Buffer.alloc(1024 * 1024, 'x')
      while (taken < total) {
        taken += chunk.length
        if (!tunnel.right.write(chunk)) await new Promise((resolve) => tunnel.right.once('drain', resolve))
      }
      tunnel.right.end()
    }
    const sent = send()
    for (let i = 0; i < 10; i++) await settle()
    expect(taken).toBeLessThan(total / 2)
    let read = 0
    tunnel.left.on('data', (chunk) => {
      read += chunk.length
    })
    await new Promise((resolve) => tunnel.left.once('end', resolve))
    await sent
    tunnel.left.end()
    expect(read).toBe(total)
    expect(await tunnel.end).toMatchObject({ kind: 'closed', bytesDown: total })
  })

  test('breaks one side when the other breaks', async () => {
    for (const [breaker, other] of [
      ['left', 'right'],
      ['right', 'left'],
    ] as const) {
      await using tunnel = await setUp()
      tunnel[breaker].write('abc')
      const rest = readToEnd(tunnel[other])
      await settle()
      tunnel[breaker].resetAndDestroy()
      expect((await rest).text).toBe('abc')
      expect(await tunnel.end).toMatchObject({ kind: 'broken' })
    }
  })

  test('ends when nothing has passed for the idle time', async () => {
    const clock = createManualClock()
    await using tunnel = await setUp({ clock, idleTimeoutMs: 1_000 })
    for (let i = 0; i < 5; i++) {
      clock.advance(900)
      tunnel.left.write('x')
      await settle()
    }
    clock.advance(900)
    const rest = readToEnd(tunnel.left)
    clock.advance(200)
    await rest
    expect(await tunnel.end).toEqual({ kind: 'idle-timeout', bytesUp: 5, bytesDown: 0 })
    expect(clock.pendingTimers).toBe(0)
  })

  test('breaks when its signal fires, before or after', async () => {
    const abort = new AbortController()
    await using tunnel = await setUp({ signal: abort.signal })
    abort.abort()
    expect(await tunnel.end).toMatchObject({ kind: 'aborted' })
    await using late = await setUp({ signal: abort.signal })
    expect(await late.end).toMatchObject({ kind: 'aborted' })
  })

  test('ends at once when a side has closed before', async () => {
    const clientSide = await socketPair()
    const destinationSide = await socketPair()
    const closed = new Promise((resolve) => clientSide.far.once('close', resolve))
    clientSide.far.destroy()
    await closed
    const end = await runTunnel({
      client: clientSide.far,
      destination: destinationSide.near,
      replay: [Buffer.from('x')],
      idleTimeoutMs: 60_000,
      clock: systemClock,
      signal: new AbortController().signal,
    })
    expect(end.kind).toBe('broken')
    await clientSide[Symbol.asyncDispose]()
    await destinationSide[Symbol.asyncDispose]()
  })
})
