import { drawLineChart } from '../lib/line-chart.ts'

/** Resident memory over time as an SVG document: `x` in seconds, `y` in MiB, `limitMiB` the sum of all bounds. */
export function drawMemory(samples: readonly { readonly x: number; readonly y: number }[], limitMiB: number): string {
  return drawLineChart({
    title: 'Resident memory under a mixed load',
    xLabel: 'minutes',
    yLabel: 'MiB',
    xScale: 'linear',
    yRange: [0, Math.ceil((limitMiB + 1) / 100) * 100],
    series: [
      { name: 's3proxy', points: samples.map(({ x, y }) => [x / 60, y] as const) },
      {
        name: 'tier + budget + 120',
        points: samples.map(({ x }) => [x / 60, limitMiB] as const),
        isReference: true,
      },
    ],
    formatX: (x) => x.toFixed(0),
    formatY: (y) => y.toFixed(0),
  })
}
