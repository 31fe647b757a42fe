import { isProhibitedAddress } from './address-policy.ts'
import { compileHostGlob } from './host-glob.ts'
import { parseIpAddress, unmapIpAddress } from './ip-address.ts'
import { blockContains, type IpBlock, parseIpBlock } from './ip-block.ts'

/** What a destination policy is made of. */
export interface DestinationPolicyOptions {
  /** Patterns of host names that may be reached (see `*` in the README). Default, and if empty: any. */
  readonly allow?: readonly string[] | undefined
  /** Addresses or blocks (`10.0.1.100`, `10.1.0.0/16`) that may be reached though they are not public. Default: none. */
  readonly exempt?: readonly string[] | undefined
}

/** Whether a connection may be made. */
export type DestinationVerdict =
  | {
      readonly kind: 'allowed'
      /** The addresses to connect to, in the order given. Use these and resolve no second time. Never empty. */
      readonly addresses: readonly string[]
    }
  | {
      readonly kind: 'refused'
      readonly reason: /** No pattern of `allow` matches the name. */
        | 'host-not-allowed'
        /** The name has no address. */
        | 'no-address'
        /** Every address is private, local, reserved or unreadable. */
        | 'prohibited-address'
    }

/** Decides about connections to names that clients choose. */
export interface DestinationPolicy {
  /** `hostname` without port; `addresses` as resolved, without brackets. */
  check(hostname: string, addresses: readonly string[]): DestinationVerdict
}

/** Creates a destination policy. Throws TypeError for an exempt entry that is neither an address nor a block. */
export function createDestinationPolicy({ allow = [], exempt = [] }: DestinationPolicyOptions = {}): DestinationPolicy {
  const patterns = allow.map(compileHostGlob)
  const exemptBlocks = exempt.map(requireBlock)
  return {
    check(hostname, addresses) {
      if (patterns.length > 0 && !patterns.some((matches) => matches(hostname))) {
        return { kind: 'refused', reason: 'host-not-allowed' }
      }
      if (addresses.length === 0) return { kind: 'refused', reason: 'no-address' }
      const usable = addresses.filter((ip) => !isProhibitedAddress(ip) || isExempt(ip, exemptBlocks))
      if (usable.length === 0) return { kind: 'refused', reason: 'prohibited-address' }
      return { kind: 'allowed', addresses: usable }
    },
  }
}

/** One check with a policy made for it; {@link createDestinationPolicy} is for many. */
export function checkDestination(
  options: DestinationPolicyOptions & { readonly hostname: string; readonly addresses: readonly string[] },
): DestinationVerdict {
  return createDestinationPolicy(options).check(options.hostname, options.addresses)
}

function isExempt(ip: string, blocks: readonly IpBlock[]): boolean {
  const bytes = parseIpAddress(ip)
  return bytes !== undefined && blocks.some((block) => blockContains(block, unmapIpAddress(bytes)))
}

function requireBlock(text: string): IpBlock {
  const block = parseIpBlock(text)
  if (block === undefined) throw new TypeError(`${JSON.stringify(text)} is neither an address nor a block of addresses`)
  return block
}
