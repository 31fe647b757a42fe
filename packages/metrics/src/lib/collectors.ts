import { Counter, Gauge, type Registry } from 'prom-client'
import { CellHistogram, createHistogramCell, observeInto } from './cell-histogram.ts'
import { type Cells, type CounterCell, createCells, type LabelSet } from './cells.ts'
import { durationBuckets, type Instrument } from './instruments.ts'
import type { LabelRule } from './labels.ts'

/** The counter of `instrument` in `registry`: cells that are added up when somebody scrapes. */
export function createCounter(registry: Registry, instrument: Instrument): Cells<CounterCell> {
  const cells = createCells(labelRules(instrument), (): CounterCell => ({ value: 0 }))
  new Counter({
    name: instrument.name,
    help: instrument.help,
    labelNames: Object.keys(instrument.labels),
    registers: [registry],
    collect() {
      this.reset()
      for (const { labels, cell } of cells.all()) this.inc(labels, cell.value)
    },
  })
  return cells
}

/** Sets one value of a gauge. */
export type SetGauge = (labels: LabelSet, value: number) => void

/** The gauge of `instrument` in `registry`; `read` sets its values when somebody scrapes. */
export function createGauge(registry: Registry, instrument: Instrument, read: (set: SetGauge) => void): void {
  new Gauge({
    name: instrument.name,
    help: instrument.help,
    labelNames: Object.keys(instrument.labels),
    registers: [registry],
    collect() {
      read((labels, value) => this.set(labels, value))
    },
  })
}

/** A counter without labels that somebody else keeps. */
export function createReadCounter(registry: Registry, instrument: Instrument, read: () => number): void {
  new Counter({
    name: instrument.name,
    help: instrument.help,
    registers: [registry],
    collect() {
      this.reset()
      this.inc(read())
    },
  })
}

/** A histogram of durations with one label. */
export interface DurationHistogram {
  /** Notes `seconds` for the given label value; a negative or broken one counts as 0. */
  observe(label: string, seconds: number): void
}

/** The histogram of `instrument` in `registry`. */
export function createHistogram(registry: Registry, instrument: Instrument): DurationHistogram {
  const cells = createCells(labelRules(instrument), () => createHistogramCell(durationBuckets))
  new CellHistogram({
    name: instrument.name,
    help: instrument.help,
    labelNames: Object.keys(instrument.labels),
    bounds: durationBuckets,
    cells,
    registry,
  })
  return {
    observe: (label, seconds) =>
      observeInto(cells.at(label), durationBuckets, Number.isFinite(seconds) ? Math.max(0, seconds) : 0),
  }
}

function labelRules(instrument: Instrument): Record<string, LabelRule> {
  return Object.fromEntries(Object.entries(instrument.labels).map(([name, rule]) => [name, rule()]))
}
