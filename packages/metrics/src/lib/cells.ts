import type { LabelRule } from './labels.ts'

/** Label values of one cell, by label name. */
export type LabelSet = Readonly<Record<string, string>>

/** A cell and the labels it stands for. */
export interface LabelledCell<Cell> {
  readonly labels: LabelSet
  readonly cell: Cell
}

/** The cells of one instrument. */
export interface Cells<Cell> {
  /** The cell for these label values, in the order of the rules. Made when first asked for. */
  at(...values: readonly string[]): Cell
  /** Every cell made so far. */
  all(): Iterable<LabelledCell<Cell>>
}

/** A number that grows. */
export interface CounterCell {
  value: number
}

interface Node<Cell> {
  readonly children: Map<string, Node<Cell>>
  cell: Cell | undefined
}

/**
 * Cells by label values, found with one map look-up per label. The client library hashes and validates all labels on
 * each increment (0.3 µs, several times per request); here that happens when somebody scrapes. Bounded by the rules.
 */
export function createCells<Cell>(rules: Readonly<Record<string, LabelRule>>, create: () => Cell): Cells<Cell> {
  const names = Object.keys(rules)
  const order = Object.values(rules)
  const root: Node<Cell> = { children: new Map(), cell: undefined }
  const made: LabelledCell<Cell>[] = []

  function make(node: Node<Cell>, values: readonly string[]): Cell {
    const cell = create()
    node.cell = cell
    made.push({ labels: Object.fromEntries(names.map((name, i) => [name, order[i]?.(values[i] ?? '') ?? ''])), cell })
    return cell
  }

  return {
    at(...values) {
      let node = root
      for (let i = 0; i < order.length; i += 1) {
        const value = (order[i] as LabelRule)(values[i] ?? '')
        let next = node.children.get(value)
        if (next === undefined) {
          next = { children: new Map(), cell: undefined }
          node.children.set(value, next)
        }
        node = next
      }
      return node.cell ?? make(node, values)
    },
    all: () => made,
  }
}
