import { describe, expect, it } from 'vitest'
import { checkDestination, createDestinationPolicy } from './destination.ts'

describe('checkDestination', () => {
  it('keeps the public addresses, in order', () => {
    expect(
      checkDestination({ hostname: 's3.amazonaws.com', addresses: ['10.0.0.1', '52.216.1.1', '::1', '2600:1f60::1'] }),
    ).toEqual({ kind: 'allowed', addresses: ['52.216.1.1', '2600:1f60::1'] })
  })

  it('refuses a name whose every address is prohibited', () => {
    expect(
      checkDestination({ hostname: 'rebind.example', addresses: ['127.0.0.1', '::ffff:169.254.169.254'] }),
    ).toEqual({
      kind: 'refused',
      reason: 'prohibited-address',
    })
  })

  it('refuses a name without an address', () => {
    expect(checkDestination({ hostname: 'a.example', addresses: [] })).toEqual({
      kind: 'refused',
      reason: 'no-address',
    })
  })

  it('refuses a name outside the list before it looks at addresses', () => {
    const options = { hostname: 'a.example', addresses: ['8.8.8.8'], allow: ['*.amazonaws.com'] }
    expect(checkDestination(options)).toEqual({ kind: 'refused', reason: 'host-not-allowed' })
  })

  it('takes an empty list for no list', () => {
    expect(checkDestination({ hostname: 'a.example', addresses: ['8.8.8.8'], allow: [] }).kind).toBe('allowed')
  })

  it.each([
    ['10.0.1.100', '10.0.1.100', 'allowed'],
    ['10.0.1.100', '10.0.1.101', 'refused'],
    ['10.0.0.0/8', '10.9.9.9', 'allowed'],
    ['10.0.0.0/8', '11.0.0.1', 'allowed'],
    ['10.0.0.0/8', '192.168.0.1', 'refused'],
    ['10.0.0.0/8', '::ffff:10.1.1.1', 'allowed'],
    ['fd00::/9', 'fd7f::1', 'allowed'],
    ['fd00::/9', 'fd80::1', 'refused'],
    ['::1', '0:0:0:0:0:0:0:1', 'allowed'],
    ['0.0.0.0/0', '127.0.0.1', 'allowed'],
    ['0.0.0.0/0', '::1', 'refused'],
    ['127.0.0.1', 'nonsense', 'refused'],
  ])('with %s exempt, %s is %s', (exempt, address, kind) => {
    expect(checkDestination({ hostname: 'h', addresses: [address], exempt: [exempt] }).kind).toBe(kind)
  })
})

describe('createDestinationPolicy', () => {
  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0/8', '::/129', 'host', '', '10.0.0.0/-1', '10.0.0.0/8/8'])(
    'throws for the exempt entry %j',
    (entry) => expect(() => createDestinationPolicy({ exempt: [entry] })).toThrow(TypeError),
  )

  it('is made once for many checks', () => {
    const policy = createDestinationPolicy({ allow: ['*.amazonaws.com'], exempt: ['10.0.0.0/8'] })
    expect(policy.check('s3.amazonaws.com', ['10.1.1.1'])).toEqual({ kind: 'allowed', addresses: ['10.1.1.1'] })
    expect(policy.check('evil.example', ['10.1.1.1']).kind).toBe('refused')
  })
})
