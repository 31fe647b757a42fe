/** Something that concerns all texts with a prefix, or some of them. */
export interface Prefixed {
  readonly prefix: string
}

/** What {@link createPrefixIndex} gives for a text. */
export type PrefixIndex<V> = (text: string) => V

/** A place in the tree of prefixes. */
interface Node<V> {
  /** What a text has here, behind that of the nodes above. */
  readonly label: string
  /** Set where a prefix ends. */
  readonly value: V | undefined
  /** By the first unit of their labels. */
  readonly children: ReadonlyMap<number, Node<V>>
}

/** An item and where it stands among all. */
interface Place<T> {
  readonly item: T
  readonly order: number
}

/**
 * Finds, for a text, what was made of the items whose prefix it has. `combine` is called once per distinct prefix, now,
 * with all items whose prefix is that one or a beginning of it, in their own order. A look-up follows the text down a
 * tree, and so takes time by the length of the prefixes, not by their number.
 */
export function createPrefixIndex<T extends Prefixed, V>(
  items: readonly T[],
  combine: (items: readonly T[]) => V,
): PrefixIndex<V> {
  const places: readonly Place<T>[] = items.map((item, order) => ({ item, order }))
  const byPrefix = Map.groupBy(places, ({ item }) => item.prefix)
  const valueFrom = (concerned: readonly Place<T>[]): V => combine(concerned.map(({ item }) => item))

  /** The node of the sorted `prefixes`, which agree in their first `end` units; its label begins at `start`. */
  function build(prefixes: readonly string[], start: number, end: number, above: readonly Place<T>[]): Node<V> {
    const [first = ''] = prefixes
    const own = first.length === end ? byPrefix.get(first) : undefined
    const concerned = own === undefined ? above : [...above, ...own].sort((a, b) => a.order - b.order)
    const children = new Map<number, Node<V>>()
    for (const [unit, group] of Map.groupBy(prefixes, (prefix) => prefix.charCodeAt(end))) {
      if (Number.isNaN(unit)) continue // ends here
      children.set(unit, build(group, end, sharedLength(group), concerned))
    }
    return { label: first.slice(start, end), value: own === undefined ? undefined : valueFrom(concerned), children }
  }

  const root = build(['', ...byPrefix.keys()].sort(byUnit), 0, 0, [])
  const nothing = root.value ?? valueFrom([])
  return (text) => {
    let value = nothing
    let at = 0
    for (let node = root.children.get(text.charCodeAt(0)); node !== undefined; ) {
      if (!text.startsWith(node.label, at)) return value
      at += node.label.length
      if (node.value !== undefined) value = node.value
      node = node.children.get(text.charCodeAt(at))
    }
    return value
  }
}

/** How many units the sorted `texts` have in common at the beginning. */
function sharedLength(texts: readonly string[]): number {
  const [first = '', last = ''] = [texts[0], texts.at(-1)]
  let length = 0
  while (length < first.length && first.charCodeAt(length) === last.charCodeAt(length)) length += 1
  return length
}

function byUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
