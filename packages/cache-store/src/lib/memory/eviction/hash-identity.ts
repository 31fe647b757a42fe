/**
 * 32 bits of `identity`, every one depending on every character (the finaliser of MurmurHash3 over a multiplicative
 * hash). `seed` keeps those who choose names from choosing collisions that hold everywhere.
 */
export function hashIdentity(identity: string, seed: number): number {
  let hash = seed ^ identity.length
  for (let index = 0; index < identity.length; index++) {
    hash = Math.imul(hash ^ identity.charCodeAt(index), 0x5bd1e995)
    hash ^= hash >>> 15
  }
  return mix(hash)
}

/** Spreads the bits of a 32-bit number: a bijection, so distinct numbers stay distinct. */
export function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
