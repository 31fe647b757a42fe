/** Keys whose removal failed: what is stored of them must not be seen until something newer has replaced it. */
export interface HiddenKeys {
  has(key: string): boolean
  hide(key: string): void
  /** A point in time to compare with: what is hidden later is not shown by what began before. */
  mark(): number
  /** Shows `key` again if it was hidden before `mark`. */
  show(key: string, mark: number): void
}

/** No hidden keys. Beyond `maxKeys` (default 10,000) everything is hidden, for good: the disk is beyond help. */
export function createHiddenKeys(maxKeys = 10_000): HiddenKeys {
  const hiddenAt = new Map<string, number>()
  let sequence = 0
  let all = false
  return {
    has: (key) => all || hiddenAt.has(key),
    hide(key) {
      hiddenAt.set(key, ++sequence)
      all ||= hiddenAt.size > maxKeys
    },
    mark: () => ++sequence,
    show(key, mark) {
      if ((hiddenAt.get(key) ?? Number.POSITIVE_INFINITY) < mark) hiddenAt.delete(key)
    },
  }
}
