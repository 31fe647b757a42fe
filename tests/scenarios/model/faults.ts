import type { Random } from './random.ts'

/** What goes wrong with one exchange between proxy and store. */
export interface Faults {
  /** Before the store has looked at the request. */
  readonly before: 'none' | 'breaks' | 'closes' | 'garbage' | 'internal-error' | 'slow-down' | 'denied'
  /** A final answer to a write before its body was read. */
  readonly early: boolean
  /** Of a body: it ends or breaks after this part of it, or goes on after its end. */
  readonly body:
    | { readonly kind: 'whole' | 'too-long' }
    | { readonly kind: 'closes' | 'breaks'; readonly after: number }
  readonly lie: 'none' | 'no-etag' | 'weak-etag' | 'no-length' | 'shifts-range' | 'ignores-range' | 'ignores-conditions'
  /** Of a write: done, but the client does not hear of it. */
  readonly afterWrite: 'none' | 'breaks' | 'internal-error'
}

/** What may go wrong in an episode. */
export interface FaultRates {
  /** Of a hundred exchanges, how many fail to answer. */
  readonly failures: number
  /** How many answers are not what was asked for. */
  readonly lies: number
}

const fine: Faults = { before: 'none', early: false, body: { kind: 'whole' }, lie: 'none', afterWrite: 'none' }

/** What goes wrong with an exchange; mostly nothing. */
export function drawFaults(random: Random, rates: FaultRates): Faults {
  if (random.int(1, 100) <= rates.failures) {
    switch (random.int(0, 4)) {
      case 0:
      case 1:
        return {
          ...fine,
          before: random.pick(['breaks', 'closes', 'garbage', 'internal-error', 'slow-down', 'denied']),
        }
      case 2:
        return { ...fine, early: true, afterWrite: random.pick(['breaks', 'internal-error']) }
      default:
        return { ...fine, body: { kind: random.pick(['closes', 'breaks']), after: random.next() } }
    }
  }
  if (random.int(1, 100) > rates.lies) return fine
  const lie = random.pick([
    'no-etag',
    'weak-etag',
    'no-length',
    'shifts-range',
    'ignores-range',
    'ignores-conditions',
  ] as const)
  return random.chance(0.1) ? { ...fine, body: { kind: 'too-long' } } : { ...fine, lie }
}
