import { Histogram, type MetricObjectWithValues, type MetricValueWithName, type Registry } from 'prom-client'
import type { Cells } from './cells.ts'

/** Observations of one label set. */
export interface HistogramCell {
  /** Observations per bucket, not cumulative; one more than there are bounds, the last is +Inf. */
  readonly counts: number[]
  sum: number
}

/** An empty cell for `bounds`. */
export function createHistogramCell(bounds: readonly number[]): HistogramCell {
  return { counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 }
}

/** Notes `value` in `cell`. `bounds` are the upper bounds, ascending, inclusive. */
export function observeInto(cell: HistogramCell, bounds: readonly number[], value: number): void {
  let bucket = 0
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1
  cell.counts[bucket] = (cell.counts[bucket] as number) + 1
  cell.sum += value
}

/** What {@link CellHistogram} is made of. */
export interface CellHistogramOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly bounds: readonly number[]
  readonly cells: Cells<HistogramCell>
  readonly registry: Registry
}

type Values = MetricObjectWithValues<MetricValueWithName<string>>

/** A histogram of the client library whose values are read from cells when somebody scrapes. */
export class CellHistogram extends Histogram<string> {
  readonly #options: CellHistogramOptions

  constructor(options: CellHistogramOptions) {
    super({
      name: options.name,
      help: options.help,
      labelNames: [...options.labelNames],
      buckets: [...options.bounds],
      registers: [options.registry],
    })
    this.#options = options
  }

  override get(): Promise<Values> {
    const { name, help, bounds, cells } = this.#options
    const values: Values['values'] = []
    for (const { labels, cell } of cells.all()) {
      let count = 0
      cell.counts.forEach((n, i) => {
        count += n
        values.push({ metricName: `${name}_bucket`, labels: { ...labels, le: bounds[i] ?? '+Inf' }, value: count })
      })
      values.push({ metricName: `${name}_sum`, labels, value: cell.sum })
      values.push({ metricName: `${name}_count`, labels, value: count })
    }
    // The library's types ask for fields that its own metrics do not give, and call the type a number.
    return Promise.resolve({ name, help, type: 'histogram', values, aggregator: 'sum' } as unknown as Values)
  }

  /** The form the registry asks for when it writes text. */
  getForPromString(): Promise<Values> {
    return this.get()
  }
}
