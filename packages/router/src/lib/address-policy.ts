import { type IpBytes, parseIpAddress } from './ip-address.ts'
import { blockContains, type IpBlock, parseIpBlock } from './ip-block.ts'

/**
 * Addresses that no host of a public store has: a name that resolves to one is a mistake or an attempt to reach what
 * lies behind the proxy. Sources: the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890).
 */
const prohibitedBlocks: readonly IpBlock[] = compileBlocks([
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers (CGNAT)
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, the metadata services of clouds among them
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays, withdrawn
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast among them
  '2001::/23', // protocol assignments, Teredo among them
  '2001:db8::/32', // documentation
  '3fff::/20', // documentation
])

/**
 * The only global unicast space of IPv6. All else is prohibited by not lying in it: `::`, `::1`, `fe80::/10`,
 * `fc00::/7`, `ff00::/8`, IPv4-compatible addresses, local NAT64 (`64:ff9b:1::/48`), discard (`100::/64`).
 */
const globalUnicast: readonly IpBlock[] = compileBlocks(['2000::/3'])

/** IPv6 spellings of IPv4 addresses, judged as the address that stands in them, and where in them it stands. */
const embeddings: readonly { readonly blocks: readonly IpBlock[]; readonly offset: number }[] = [
  { blocks: compileBlocks(['::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96']), offset: 12 }, // mapped, translated, NAT64
  { blocks: compileBlocks(['2002::/16']), offset: 2 }, // 6to4
]

/**
 * Whether the proxy must not connect to the IP address `ip` (without brackets) on behalf of a client. An address that
 * cannot be read is prohibited.
 */
export function isProhibitedAddress(ip: string): boolean {
  const bytes = parseIpAddress(ip)
  return bytes === undefined || isProhibited(bytes)
}

function isProhibited(bytes: IpBytes): boolean {
  for (const { blocks, offset } of embeddings) {
    if (anyContains(blocks, bytes)) return isProhibited(bytes.slice(offset, offset + 4))
  }
  return anyContains(prohibitedBlocks, bytes) || (bytes.length === 16 && !anyContains(globalUnicast, bytes))
}

function anyContains(list: readonly IpBlock[], bytes: IpBytes): boolean {
  return list.some((block) => blockContains(block, bytes))
}

function compileBlocks(texts: readonly string[]): IpBlock[] {
  return texts.map((text) => {
    const block = parseIpBlock(text)
    if (block === undefined) throw new TypeError(`${text} is no block of addresses`)
    return block
  })
}
