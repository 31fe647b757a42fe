import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isProhibitedAddress } from './address-policy.ts'
import { parseIpAddress } from './ip-address.ts'

const blocks: readonly (readonly [name: string, inside: readonly string[], outside: readonly string[]])[] = [
  ['0/8', ['0.0.0.0', '0.255.255.255'], ['1.0.0.0']],
  ['10/8', ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0']],
  ['100.64/10', ['100.64.0.0', '100.127.255.255'], ['100.63.255.255', '100.128.0.0']],
  ['127/8', ['127.0.0.1', '127.255.255.255'], ['126.255.255.255', '128.0.0.0']],
  ['169.254/16', ['169.254.0.0', '169.254.169.254'], ['169.253.255.255', '169.255.0.0']],
  ['172.16/12', ['172.16.0.0', '172.31.255.255'], ['172.15.255.255', '172.32.0.0']],
  ['192.168/16', ['192.168.0.0', '192.168.255.255'], ['192.167.255.255', '192.169.0.0']],
  ['198.18/15', ['198.18.0.0', '198.19.255.255'], ['198.17.255.255', '198.20.0.0']],
  [
    'documentation',
    ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
    ['192.0.3.1', '2001:db9::1'],
  ],
  ['multicast and reserved', ['224.0.0.1', '239.255.255.255', '240.0.0.0', '255.255.255.255'], ['223.255.255.255']],
  [
    'IPv6 local',
    ['::', '::1', 'fe80::1', 'febf::1', 'fec0::1', 'fc00::1', 'fdff::1', 'fd00:ec2::254', 'ff02::1'],
    ['2600::1'],
  ],
  ['IPv6 outside 2000::/3', ['1fff::1', '4000::1', '100::1', '64:ff9b:1::808:808'], ['2000::1', '3ffe::1']],
  ['Teredo', ['2001:0:808:808::1'], ['2001:200::1']],
  ['IPv4-mapped', ['::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '::FFFF:10.0.0.1', '::ffff:0.0.0.0'], ['::ffff:8.8.8.8']],
  ['IPv4-translated', ['::ffff:0:127.0.0.1'], ['::ffff:0:8.8.8.8']],
  ['IPv4-compatible', ['::127.0.0.1', '::10.0.0.1', '::8.8.8.8'], []],
  ['NAT64', ['64:ff9b::127.0.0.1', '64:ff9b::a00:1'], ['64:ff9b::8.8.8.8']],
  ['6to4', ['2002:7f00:1::', '2002:a00:1::1'], ['2002:808:808::1']],
  ['unreadable', ['', 'localhost', '127.1', '2130706433', '0x7f000001', 'fe80::1%eth0', '[::1]', ' 8.8.8.8'], []],
]

describe('isProhibitedAddress', () => {
  for (const [name, inside, outside] of blocks) {
    it.each(inside)(`${name}: %j is prohibited`, (ip) => expect(isProhibitedAddress(ip)).toBe(true))
    if (outside.length > 0) {
      it.each(outside)(`${name}: %j is not`, (ip) => expect(isProhibitedAddress(ip)).toBe(false))
    }
  }

  it('judges an IPv4 address the same in every spelling', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        const verdict = isProhibitedAddress(ip)
        const [a = 0, b = 0, c = 0, d = 0] = parseIpAddress(ip) ?? []
        const sixToFour = `2002:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}::1`
        for (const spelling of [`::ffff:${ip}`, `64:ff9b::${ip}`, sixToFour]) {
          expect(isProhibitedAddress(spelling)).toBe(verdict)
        }
      }),
    )
  })

  it('answers for any string', () => {
    fc.assert(fc.property(fc.string(), (text) => parseIpAddress(text) !== undefined || isProhibitedAddress(text)))
  })
})
