import { createSocket } from 'node:dgram'
import { createManualClock } from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import type { DnsLookup } from './dns-lookup.ts'
import { createResolver, type ResolverOptions } from './resolver.ts'
import { failureOf } from './testing.ts'

/** A look-up whose answers a test sets, and that counts the questions. */
function createFakeDns() {
  const dns = {
    v4: ['192.0.2.1'] as readonly string[] | Error | Promise<readonly string[]>,
    v6: new Error('ENODATA') as readonly string[] | Error | Promise<readonly string[]>,
    questions: [] as string[],
  }
  const reply = async (answers: readonly string[] | Error | Promise<readonly string[]>): Promise<readonly string[]> => {
    if (answers instanceof Error) throw answers
    return answers
  }
  const lookup: DnsLookup = {
    resolve4: (name) => {
      dns.questions.push(name)
      return reply(dns.v4)
    },
    resolve6: () => reply(dns.v6),
  }
  return Object.assign(dns, { lookup })
}

function setUp(options: Partial<ResolverOptions> = {}) {
  const clock = createManualClock()
  const dns = createFakeDns()
  const resolver = createResolver({ servers: [], lookup: dns.lookup, clock, refreshMs: 60_000, ...options })
  return { clock, dns, resolver }
}

describe('names that need no question', () => {
  test.each([
    ['10.1.2.3', ['10.1.2.3']],
    ['fd00::1', ['fd00::1']],
    ['localhost', ['127.0.0.1', '::1']],
    ['Bucket.LOCALHOST', ['127.0.0.1', '::1']],
  ])('%s', (name, expected) => {
    const { dns, resolver } = setUp()
    expect(resolver.resolve(name)).toEqual(expected)
    expect(dns.questions).toEqual([])
  })

  test.each(['', 'a b', '-a', 'a..b', `${'a'.repeat(64)}.b`, `${'a.'.repeat(130)}b`, 'a/b', '[::1]'])(
    '"%s" is not asked about',
    (name) => {
      const { dns, resolver } = setUp()
      expect(() => resolver.resolve(name)).toThrow(expect.objectContaining({ code: 'ServiceUnavailable' }))
      expect(dns.questions).toEqual([])
    },
  )
})

describe('an answer', () => {
  test('is IPv4 first, without duplicates, without what is no address', async () => {
    const { dns, resolver } = setUp()
    dns.v6 = ['2001:db8::1', '2001:db8::1', '192.0.2.7']
    dns.v4 = ['192.0.2.1', 'nonsense', '192.0.2.1', '::1', '192.0.2.2']
    expect(await resolver.resolve('s3.test')).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1'])
  })

  test('may be of IPv6 alone', async () => {
    const { dns, resolver } = setUp()
    dns.v4 = new Error('ENODATA')
    dns.v6 = ['2001:db8::1']
    expect(await resolver.resolve('s3.test')).toEqual(['2001:db8::1'])
  })

  test('does not wait long for IPv6 when there is IPv4', async () => {
    const { clock, dns, resolver } = setUp()
    dns.v6 = new Promise(() => undefined)
    const answer = resolver.resolve('s3.test')
    await clock.advanceAsync(50)
    expect(await answer).toEqual(['192.0.2.1'])
  })

  test('is asked for once by any number at a time', async () => {
    const { dns, resolver } = setUp()
    const found = await Promise.all([1, 2, 3].map(() => resolver.resolve('S3.test')))
    expect(found).toEqual([['192.0.2.1'], ['192.0.2.1'], ['192.0.2.1']])
    expect(dns.questions).toEqual(['s3.test'])
  })

  test('is at hand for the refresh time, then renewed behind the scenes, and awaited when it is old', async () => {
    const { clock, dns, resolver } = setUp()
    await resolver.resolve('s3.test')
    dns.v4 = ['192.0.2.2']
    await clock.advanceAsync(59_999)
    expect(resolver.resolve('s3.test')).toEqual(['192.0.2.1'])
    expect(dns.questions.length).toBe(1)
    await clock.advanceAsync(1)
    expect(resolver.resolve('s3.test')).toEqual(['192.0.2.1'])
    expect(dns.questions.length).toBe(2)
    await clock.advanceAsync(100)
    expect(resolver.resolve('s3.test')).toEqual(['192.0.2.2'])
    dns.v4 = ['192.0.2.3']
    await clock.advanceAsync(120_000)
    const renewed = resolver.resolve('s3.test')
    expect(renewed).toBeInstanceOf(Promise)
    await clock.advanceAsync(100)
    expect(await renewed).toEqual(['192.0.2.3'])
  })

  test('stays when it cannot be renewed, and that is not tried again at once', async () => {
    const { clock, dns, resolver } = setUp()
    await resolver.resolve('s3.test')
    dns.v4 = new Error('SERVFAIL')
    await clock.advanceAsync(1_000_000)
    expect(await resolver.resolve('s3.test')).toEqual(['192.0.2.1'])
    expect(resolver.resolve('s3.test')).toEqual(['192.0.2.1'])
    expect(dns.questions.length).toBe(2)
    await clock.advanceAsync(5_000)
    expect(resolver.resolve('s3.test')).toEqual(['192.0.2.1'])
    expect(dns.questions.length).toBe(3)
  })

  test('is forgotten when too many other names were asked for since', async () => {
    const { dns, resolver } = setUp({ maxNames: 2 })
    for (const name of ['a', 'b', 'c', 'b', 'c', 'a']) await resolver.resolve(name)
    expect(dns.questions).toEqual(['a', 'b', 'c', 'a'])
  })
})

describe('a failure', () => {
  test('is service unavailable, with its cause, for everybody who asked', async () => {
    const { dns, resolver } = setUp()
    dns.v4 = new Error('ENOTFOUND')
    const failures = await Promise.all([1, 2].map(() => failureOf(Promise.resolve(resolver.resolve('s3.test')))))
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'ServiceUnavailable', reason: 'dns-failed', cause: dns.v4 })
    }
    expect(dns.questions.length).toBe(1)
    dns.v4 = ['192.0.2.9']
    expect(await resolver.resolve('s3.test')).toEqual(['192.0.2.9'])
  })

  test('is an answer that takes too long', async () => {
    const { clock, dns, resolver } = setUp({ timeoutMs: 1_000 })
    dns.v4 = new Promise(() => undefined)
    dns.v6 = new Promise(() => undefined)
    const failure = failureOf(Promise.resolve(resolver.resolve('s3.test')))
    await clock.advanceAsync(1_000)
    expect(await failure).toMatchObject({ code: 'ServiceUnavailable' })
  })
})

test('the given servers are asked over the wire', async () => {
  const server = createSocket('udp4')
  const names: string[] = []
  server.on('message', (query, { address, port }) => {
    const { name, type, end } = readQuestion(query)
    names.push(name)
    const answer = type === 1 ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 53]) : Buffer.alloc(0)
    const head = Buffer.from(query.subarray(0, 12))
    head.writeUInt16BE(0x8180, 2)
    head.writeUInt16BE(answer.length === 0 ? 0 : 1, 6)
    head.fill(0, 8)
    server.send(Buffer.concat([head, query.subarray(12, end), answer]), port, address)
  })
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  const resolver = createResolver({ servers: [`127.0.0.1:${server.address().port}`] })
  expect(await resolver.resolve('bucket.s3.test')).toEqual(['192.0.2.53'])
  expect(new Set(names)).toEqual(new Set(['bucket.s3.test']))
  server.close()
})

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}
