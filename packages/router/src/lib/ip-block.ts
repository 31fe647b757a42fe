import { type IpBytes, parseIpAddress } from './ip-address.ts'

/** A block of addresses of one family: those whose first `prefixLength` bits equal those of `base`. */
export interface IpBlock {
  readonly base: IpBytes
  /** 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly prefixLength: number
}

/** The block that `10.0.0.0/8`, `fd00::/8` or a single address stands for, or undefined if `text` is none. */
export function parseIpBlock(text: string): IpBlock | undefined {
  const slash = text.indexOf('/')
  const base = parseIpAddress(slash === -1 ? text : text.slice(0, slash))
  if (base === undefined) return undefined
  const bits = base.length * 8
  if (slash === -1) return { base, prefixLength: bits }
  const length = text.slice(slash + 1)
  return /^[0-9]{1,3}$/.test(length) && Number(length) <= bits ? { base, prefixLength: Number(length) } : undefined
}

/** Whether `address` lies in `block`. Addresses of the other family never do. */
export function blockContains({ base, prefixLength }: IpBlock, address: IpBytes): boolean {
  if (base.length !== address.length) return false
  const whole = prefixLength >> 3
  for (let i = 0; i < whole; i++) if (base[i] !== address[i]) return false
  const rest = prefixLength & 7
  if (rest === 0) return true
  const shift = 8 - rest
  return (base[whole] ?? 0) >> shift === (address[whole] ?? 0) >> shift
}
