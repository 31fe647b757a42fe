import { describe, expect, test } from 'vitest'
import type { Origin } from './client.ts'
import { createEndpoints, type EndpointsOptions } from './endpoints.ts'
import { failureOf } from './testing.ts'

const origin: Origin = { scheme: 'https', hostname: 's3.test', port: 443 }
const noNames = {
  resolve: (name: string): readonly string[] => {
    throw new Error(`${name} was resolved`)
  },
}

function endpoints(options: Partial<EndpointsOptions>) {
  return createEndpoints({ overrides: {}, resolver: noNames, admitAddress: () => true, ...options })
}

async function addresses(list: ReturnType<ReturnType<typeof endpoints>['candidates']>): Promise<string[]> {
  return (await list).map(({ address, port }) => `${address} ${port}`)
}

describe('an override', () => {
  test('is used instead of the resolver, in turn', async () => {
    const { candidates } = endpoints({
      overrides: { 's3.test': ['10.0.0.1', '10.0.0.2:8443', '[fd00::1]:9', 'fd00::2'] },
    })
    const four = ['10.0.0.1 443', '10.0.0.2 8443', 'fd00::1 9', 'fd00::2 443']
    expect(await addresses(candidates(origin))).toEqual(four)
    expect(await addresses(candidates(origin))).toEqual([...four.slice(1), ...four.slice(0, 1)])
    expect(await addresses(candidates(origin))).toEqual([...four.slice(2), ...four.slice(0, 2)])
  })

  test('is not asked whether it is allowed', async () => {
    const { candidates } = endpoints({ overrides: { 's3.test': ['10.0.0.1'] }, admitAddress: () => false })
    expect(await addresses(candidates(origin))).toEqual(['10.0.0.1 443'])
  })

  test('may name a host, which is resolved', async () => {
    const resolver = { resolve: async (name: string) => (name === 'vpce.test' ? ['10.0.0.7', 'fd00::7'] : []) }
    const { candidates } = endpoints({ overrides: { '*.test': ['vpce.test:8443', '10.0.0.8'] }, resolver })
    expect(await addresses(candidates(origin))).toEqual(['10.0.0.7 8443', 'fd00::7 8443', '10.0.0.8 443'])
  })

  test('that names a lost host goes on with the others', async () => {
    const resolver = {
      resolve: async (): Promise<string[]> => {
        throw new Error('lost')
      },
    }
    const { candidates } = endpoints({ overrides: { 's3.test': ['gone.test', '10.0.0.8'] }, resolver })
    expect(await addresses(candidates(origin))).toEqual(['10.0.0.8 443'])
    const alone = endpoints({ overrides: { 's3.test': ['gone.test'] }, resolver })
    await expect(alone.candidates(origin)).rejects.toThrow('lost')
  })

  test.each([[[]], [['']], [['a b']], [['10.0.0.1:0']], [['http://a']]])('%j is refused at once', (values) => {
    expect(() => endpoints({ overrides: { 's3.test': values } })).toThrow(TypeError)
  })
})

describe('resolved addresses', () => {
  test('are used in turn, IPv4 before IPv6', async () => {
    const { candidates } = endpoints({ resolver: { resolve: () => ['10.0.0.1', '10.0.0.2', 'fd00::1', 'fd00::2'] } })
    expect(await addresses(candidates(origin))).toEqual(['10.0.0.1 443', '10.0.0.2 443', 'fd00::1 443', 'fd00::2 443'])
    expect(await addresses(candidates(origin))).toEqual(['10.0.0.2 443', '10.0.0.1 443', 'fd00::2 443', 'fd00::1 443'])
  })

  test('are those that are allowed', async () => {
    const seen: unknown[] = []
    const { candidates } = endpoints({
      resolver: { resolve: async () => ['169.254.169.254', '52.0.0.1'] },
      admitAddress: (address, asked) => {
        seen.push(asked)
        return address.startsWith('52.')
      },
    })
    expect(await addresses(candidates(origin))).toEqual(['52.0.0.1 443'])
    expect(seen).toEqual([origin, origin])
  })

  test('none of which is allowed are access denied', async () => {
    const { candidates } = endpoints({ resolver: { resolve: async () => ['127.0.0.1'] }, admitAddress: () => false })
    expect(await failureOf(Promise.resolve(candidates(origin)))).toMatchObject({
      code: 'AccessDenied',
      reason: 'destination-not-allowed',
    })
  })
})
