/** Turns what was observed into one of a bounded set of label values. */
export type LabelRule = (value: string) => string

/** What every value outside its set becomes. */
export const otherLabel = 'other'

/** A label with the given values and no others. */
export function closedLabel(values: readonly string[]): LabelRule {
  const known: ReadonlySet<string> = new Set(values)
  return (value) => (known.has(value) ? value : otherLabel)
}

/**
 * A label whose values come from closed unions of other packages: words of letters, digits, `-` and `_`, at most
 * `maxValues` of them; later ones and anything else become `other`. So a fault elsewhere cannot grow the exposition.
 */
export function wordLabel(maxValues: number): LabelRule {
  const known = new Set<string>()
  return (value) => {
    if (known.has(value)) return value
    if (known.size >= maxValues || !/^[A-Za-z0-9_-]{1,64}$/.test(value)) return otherLabel
    known.add(value)
    return value
  }
}

/** `2xx` for 200 to 299 and so on; `none` for anything below 100, `other` from 600. */
export function statusClass(status: number): string {
  return statusClasses[Math.floor(status / 100)] ?? otherLabel
}

const statusClasses = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const
