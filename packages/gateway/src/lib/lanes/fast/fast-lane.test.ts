import { connect } from 'node:net'
import { connectHttp, createGate, createManualClock, type HttpConnection } from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createProbe, openLane, type ProbeAnswer, sayName } from '../lane-probe.ts'
import { createFastLane } from './fast-lane.ts'

const get = (target: string, ...lines: string[]): string =>
  `GET ${target} HTTP/1.1\r\nHost: h\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`

async function start(answer?: ProbeAnswer) {
  const clock = createManualClock()
  const gateway = createProbe(answer)
  const lane = createFastLane({
    gateway,
    now: clock.now,
    timers: { setInterval: clock.setInterval, clearInterval: (timer) => clock.clearTimeout(timer as never) },
  })
  const listening = await openLane(lane)
  onTestFinished(() => listening.drain(0))
  const connect = async (): Promise<HttpConnection> => {
    const client = await connectHttp({ port: listening.port })
    onTestFinished(() => client.destroy())
    return client
  }
  return { clock, gateway, listening, connect }
}

/** Turns of the event loop, so that what is on its way arrives. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('pipelined requests', () => {
  it('wait for one another, and are answered in order', async () => {
    const gate = createGate()
    const { connect, gateway } = await start(async (exchange) => {
      if (exchange.head.target === '/0') await gate.pass()
      return sayName(exchange)
    })
    const client = await connect()
    await client.send(`${[0, 1, 2, 3].map((n) => get(`/${n}`)).join('')}GET /4 HTTP/1.1\r\nHo`)
    await turns(20)
    expect(gateway.seen).toEqual(['GET /0'])
    gate.open()
    await client.send('st: h\r\n\r\n')
    for (const n of [0, 1, 2, 3, 4]) expect((await client.receive()).body.toString()).toBe(`GET /${n}`)
  })

  it('of a client that reads nothing are left where they are until it does', async () => {
    const body = Buffer.alloc(64 << 10, 'x')
    const { connect, gateway } = await start(({ responder }) => {
      responder.head({ status: 200, reason: '', headers: ['Content-Length', String(body.length)] }, false)
      const written = responder.write(body)
      responder.end()
      return written
    })
    const client = await connect()
    const count = 2000
    client.socket.pause()
    client.socket.write(get('/k').repeat(count))
    for (let before = -1; before !== gateway.seen.length; await turns(100)) before = gateway.seen.length
    expect(gateway.seen.length).toBeLessThan(count)
    for (let n = 0; n < count; n++) expect((await client.receive()).bodyBytes).toBe(body.length)
    expect(gateway.seen.length).toBe(count)
  })
})

describe('time limits', () => {
  it('tells a client whose head does not end that it took too long', async () => {
    const { connect, clock, gateway } = await start()
    const client = await connect()
    await client.send('GET /k HTTP/1.1\r\nHost: h\r\n')
    await turns(20)
    clock.advance(29_000)
    await client.send('X: 1\r\n')
    await turns(20)
    clock.advance(2_000)
    const answer = await client.receive()
    expect([answer.status, answer.body.toString()]).toEqual([
      400,
      expect.stringContaining('<Code>RequestTimeout</Code>'),
    ])
    expect(await client.closed()).toBe('end')
    expect(gateway.seen).toEqual([])
  })

  it('closes connections that bring nothing, or nothing more', async () => {
    const { connect, clock } = await start()
    const [fresh, used] = [await connect(), await connect()]
    await used.send(get('/k'))
    await used.receive()
    clock.advance(31_000)
    expect(await fresh.closed()).toBe('end')
    clock.advance(28_000)
    await used.send(get('/k'))
    expect((await used.receive()).status).toBe(200)
    clock.advance(61_000)
    expect(await used.closed()).toBe('end')
  })

  it('cuts a connection on which nothing moves in the midst of an answer', async () => {
    let isGone = false
    const { connect, clock } = await start(async ({ responder }) => {
      responder.head({ status: 200, reason: '', headers: ['Content-Length', '2'] }, false)
      responder.write(Buffer.from('a'))
      await new Promise<void>((resolve) => void responder.onGone(resolve))
      isGone = true
    })
    const client = await connect()
    await client.send(get('/k'))
    await turns(20)
    clock.advance(1_000)
    clock.advance(661_000)
    await client.closed()
    await turns(20)
    expect(isGone).toBe(true)
  })
})

describe('drain', () => {
  it('closes idle connections at once, busy and new ones after their answer', async () => {
    const gate = createGate()
    const { connect, listening, gateway } = await start(async (exchange) => {
      if (exchange.head.target === '/slow') await gate.pass()
      return sayName(exchange)
    })
    const [idle, busy, fresh] = [await connect(), await connect(), await connect()]
    await idle.send(get('/k'))
    await idle.receive()
    await busy.send(get('/slow') + get('/never'))
    await turns(20)
    const drained = listening.drain(60_000)
    expect(await idle.closed()).toBe('end')
    await fresh.send(get('/late'))
    const late = await fresh.receive()
    expect([late.body.toString(), late.headers.join()]).toEqual([
      'GET /late',
      expect.stringContaining('Connection,close'),
    ])
    gate.open()
    const answer = await busy.receive()
    expect([answer.body.toString(), answer.headers.join()]).toEqual([
      'GET /slow',
      expect.stringContaining('Connection,close'),
    ])
    expect(await busy.closed()).toBe('end')
    await drained
    expect(gateway.seen).not.toContain('GET /never')
  })

  it('tells clients between two requests by an answer, if it has a moment', async () => {
    const { connect, listening, clock } = await start()
    const [quick, idle] = [await connect(), await connect()]
    for (const client of [quick, idle]) {
      await client.send(get('/k'))
      await client.receive()
    }
    const drained = listening.drain(60_000, 2000)
    clock.advance(1000)
    await quick.send(get('/again'))
    const last = await quick.receive()
    expect([last.body.toString(), last.headers.join()]).toEqual([
      'GET /again',
      expect.stringContaining('Connection,close'),
    ])
    expect(await quick.closed()).toBe('end')
    clock.advance(2000)
    expect(await idle.closed()).toBe('end')
    await drained
  })

  it('gives a connection on which nothing has come a moment', async () => {
    const { connect, listening, clock } = await start()
    const fresh = await connect()
    await turns(20)
    const drained = listening.drain(60_000)
    clock.advance(3_000)
    expect(await fresh.closed()).toBe('end')
    await drained
  })

  it('cuts what is left when its time is over, whoever has it', async () => {
    const { connect, listening } = await start(() => new Promise(() => undefined))
    const [fast, slow] = [await connect(), await connect()]
    await fast.send(get('/k'))
    await slow.send('OPTIONS /k HTTP/1.1\r\nHost: h\r\n\r\n')
    await turns(20)
    await listening.drain(0)
    expect(await fast.closed()).toBeDefined()
    expect(await slow.closed()).toBeDefined()
  })

  it('ends connections that node:http has taken over', async () => {
    const { connect, listening } = await start()
    const client = await connect()
    await client.send('OPTIONS /k HTTP/1.1\r\nHost: h\r\n\r\n')
    expect((await client.receive()).body.toString()).toBe('OPTIONS /k')
    const drained = listening.drain(60_000)
    expect(await client.closed()).toBe('end')
    await drained
  })
})

describe('answers', () => {
  it('of unknown length are sent in chunks', async () => {
    const { connect } = await start(({ responder }) => {
      responder.head({ status: 200, reason: 'Fine', headers: [] }, false)
      responder.write(Buffer.from('hello '))
      responder.write(Buffer.from('world'))
      responder.end()
    })
    const client = await connect()
    for (let n = 0; n < 2; n++) {
      await client.send(get('/k'))
      const answer = await client.receive()
      expect([answer.reason, answer.body.toString(), answer.end.kind]).toEqual(['Fine', 'hello world', 'complete'])
    }
  })

  it.each([
    ['fewer', 'abc'],
    ['more', 'abcde'],
  ])('with %s bytes than announced break the connection', async (_name, body) => {
    let failure: unknown
    const { connect } = await start(({ responder }) => {
      responder.head({ status: 200, reason: '', headers: ['Content-Length', '4'] }, false)
      try {
        responder.write(Buffer.from(body))
        responder.end()
      } catch (error) {
        failure = error
        responder.destroy()
      }
    })
    const client = await connect()
    await client.send(get('/k'))
    expect(await client.closed()).toBe('reset')
    expect(failure).toBeInstanceOf(RangeError)
  })

  it('reach a client that says with its request that there will be no other', async () => {
    const { listening } = await start()
    for (let round = 0; round < 20; round++) {
      const received = await new Promise<string>((resolve) => {
        let text = ''
        const socket = connect({ port: listening.port, allowHalfOpen: true })
        socket.on('data', (chunk) => {
          text += chunk.toString('latin1')
        })
        socket.on('end', () => socket.end()).on('close', () => resolve(text))
        socket.end(get('/a') + get('/b'))
      })
      expect(received).toMatch(/GET \/a.*GET \/b$/s)
    }
  })

  it('never carry a line break of a value', async () => {
    let failure: unknown
    const { connect } = await start(({ responder }) => {
      try {
        responder.head({ status: 200, reason: '', headers: ['X', 'a\r\nb: c'] }, false)
      } catch (error) {
        failure = error
        responder.destroy()
      }
    })
    const client = await connect()
    await client.send(get('/k'))
    await client.closed()
    expect(failure).toBeInstanceOf(RangeError)
  })
})
