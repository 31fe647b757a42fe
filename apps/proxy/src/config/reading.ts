/** A value out of what somebody wrote, or what is wrong with it (a phrase that follows the key). */
export type Reading<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'malformed'; readonly message: string }

/** A good reading. */
export function read<T>(value: T): Reading<T> {
  return { kind: 'value', value }
}

/** A bad reading. */
export function malformed(message: string): { readonly kind: 'malformed'; readonly message: string } {
  return { kind: 'malformed', message }
}
