import { drawLineChart } from '../lib/line-chart.ts'
import { formatTable } from '../lib/table.ts'
import type { Comparison, Ratios } from './compare.ts'

/** A size for people, in powers of 1024. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`
}

const percent = (ratio: number): string => (ratio * 100).toFixed(2)

/** A share for people: 0.1 %, 10 %. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`
}

/** Hit ratios in percent, a row per size; with `unit` sizes are bytes, without them numbers of objects. */
export function formatRatios(comparisons: readonly Comparison[], kind: keyof Ratios, inBytes: boolean): string {
  const [first] = comparisons
  if (first === undefined) return ''
  const names = Object.keys(first.policies)
  const header = [kind === 'hits' ? 'hit ratio, %' : 'byte hit ratio, %', 'of all', ...names, 'Belady', 'bound']
  const rows = comparisons.map((comparison) => [
    inBytes ? formatBytes(comparison.capacityBytes) : comparison.capacityBytes.toLocaleString('en'),
    formatShare(comparison.share),
    ...names.map((name) => percent(comparison.policies[name]?.[kind] ?? 0)),
    percent(comparison.belady[kind]),
    percent(comparison.bound[kind]),
  ])
  return formatTable(header, rows)
}

/** The miss ratio curve. */
export function drawMissRatios(title: string, comparisons: readonly Comparison[], kind: keyof Ratios): string {
  const names = Object.keys(comparisons[0]?.policies ?? {})
  const curve = (ratiosOf: (comparison: Comparison) => Ratios | undefined) =>
    comparisons.map((comparison) => [comparison.share, 1 - (ratiosOf(comparison)?.[kind] ?? 0)] as const)
  const isExact = comparisons.every(({ belady, bound }) => belady[kind] === bound[kind])
  return drawLineChart({
    title,
    xLabel: 'cache size, share of the bytes of all objects',
    yLabel: kind === 'hits' ? 'miss ratio' : 'byte miss ratio',
    xScale: 'log',
    yRange: [0, 1],
    formatX: formatShare,
    formatY: (y) => `${Math.round(y * 100)} %`,
    series: [
      ...names.map((name) => ({ name, points: curve(({ policies }) => policies[name]) })),
      { name: 'Belady', points: curve(({ belady }) => belady), isReference: true },
      ...(isExact ? [] : [{ name: 'bound (PFOO-L)', points: curve(({ bound }) => bound), isReference: true }]),
    ],
  })
}
