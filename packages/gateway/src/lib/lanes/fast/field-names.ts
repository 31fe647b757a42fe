/** What the lane itself has to know of a field: what decides where a request ends, and what it leaves to others. */
export type FieldRole = 'host' | 'connection' | 'proxy-connection' | 'content-length' | 'unwelcome' | 'other'

/** A name of a field in one spelling. */
export interface FieldName {
  readonly text: string
  readonly role: FieldRole
  readonly bytes: Uint8Array
}

const roles: ReadonlyMap<string, FieldRole> = new Map<string, FieldRole>([
  ['host', 'host'],
  ['connection', 'connection'],
  ['proxy-connection', 'proxy-connection'],
  ['content-length', 'content-length'],
  ['transfer-encoding', 'unwelcome'],
  ['expect', 'unwelcome'],
  ['upgrade', 'unwelcome'],
  ['trailer', 'unwelcome'],
])

/** Spellings that are remembered; a power of two. */
const slotCount = 1024
/** Longer names are read each time: clients choose them, and what is remembered has a bound. */
export const maxRememberedBytes = 64

/**
 * The names of fields seen lately, each as one string: a client sends the same ones with every request, and a string that
 * was looked up before is found again without reading it.
 */
export class FieldNames {
  readonly #slots = new Array<FieldName | undefined>(slotCount).fill(undefined)

  /** The name that stands in `bytes` from `start` to `end`, an ASCII token; `hash` depends on these bytes alone. */
  find(bytes: Buffer, start: number, end: number, hash: number): FieldName {
    const slot = hash & (slotCount - 1)
    const known = this.#slots[slot]
    if (known !== undefined && isSame(known.bytes, bytes, start, end)) return known
    const text = bytes.toString('latin1', start, end)
    const own = Buffer.allocUnsafeSlow(end - start)
    bytes.copy(own, 0, start, end)
    const name = { text, role: roles.get(text.toLowerCase()) ?? 'other', bytes: own }
    if (end - start <= maxRememberedBytes) this.#slots[slot] = name
    return name
  }
}

/** Whether `known` is what stands in `bytes` from `start` to `end`. */
export function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (known.length !== length) return false
  for (let i = 0; i < length; i++) if (known[i] !== bytes[start + i]) return false
  return true
}
