import { escapeXml, wrapText } from './svg.ts'

/** One line of a chart. */
export interface Series {
  readonly name: string
  /** In order of x. */
  readonly points: readonly (readonly [x: number, y: number])[]
  /** A limit or a reference rather than a result: drawn in dashes, in the colour of text. */
  readonly isReference?: boolean
}

export interface LineChart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly xScale: 'linear' | 'log'
  readonly series: readonly Series[]
  /** Lower and upper end of y. Default: round numbers around the values. */
  readonly yRange?: readonly [number, number]
  readonly formatX: (x: number) => string
  readonly formatY: (y: number) => string
}

const width = 760
const height = 420
const plot = { left: 64, top: 44, right: 590, bottom: 362 }
const tickCount = 6
/** What fits above the plot, up to the right margin, in the width of common letters. */
const titleCharacters = 80
const titleLineHeight = 20

/** Distinct in light and dark, and for eyes that see fewer colours (Okabe and Ito): one pair per line. */
const colours: readonly (readonly [light: string, dark: string])[] = [
  ['#0072b2', '#56b4e9'],
  ['#d55e00', '#ff8c42'],
  ['#009e73', '#3ddbac'],
  ['#b05a8f', '#e79ac9'],
  ['#8a7000', '#f0d94a'],
  ['#6b6b6b', '#a8a8a8'],
]

/** The chart as an SVG document that suits light and dark pages. Names are text, never markup. */
export function drawLineChart(chart: LineChart): string {
  const { series, xScale } = chart
  const points = series.flatMap((line) => line.points).filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
  if (points.length === 0) throw new RangeError('a chart needs at least one point')
  const xs = points.map(([x]) => x)
  const x = scaleOf([Math.min(...xs), Math.max(...xs)], [plot.left, plot.right], xScale)
  const yRange = chart.yRange ?? aroundOf(points.map(([, value]) => value))
  const y = scaleOf(yRange, [plot.bottom, plot.top], 'linear')
  const xTicks = xScale === 'log' ? distinct(xs) : ticksOf([Math.min(...xs), Math.max(...xs)])
  const body = [
    ...ticksOf(yRange).flatMap((tick) => [
      `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/>`,
      label(plot.left - 8, y(tick) + 4, 'tick', 'end', chart.formatY(tick)),
    ]),
    ...spaced(xTicks, x, 48).flatMap((tick) => [
      `<line class="axis" x1="${round(x(tick))}" x2="${round(x(tick))}" y1="${plot.bottom}" y2="${plot.bottom + 5}"/>`,
      label(x(tick), plot.bottom + 20, 'tick', 'middle', chart.formatX(tick)),
    ]),
    `<path class="axis" d="M${plot.left} ${plot.top}V${plot.bottom}H${plot.right}"/>`,
    label((plot.left + plot.right) / 2, height - 14, 'name', 'middle', chart.xLabel),
    `<text class="name" text-anchor="middle" transform="translate(16 ${(plot.top + plot.bottom) / 2}) rotate(-90)">${escapeXml(chart.yLabel)}</text>`,
    ...series.map((line, index) => drawLine(line, index, x, y)),
    ...drawLegend(series, y),
  ]
  const title = wrapText(chart.title, titleCharacters)
  const below = (title.length - 1) * titleLineHeight
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + below}" role="img" aria-label="${escapeXml(chart.title)}">`,
    `<style>${styleOf(series)}</style>`,
    `<rect class="page" width="${width}" height="${height + below}"/>`,
    ...title.map((line, index) => label(plot.left, 24 + index * titleLineHeight, 'title', 'start', line)),
    `<g transform="translate(0 ${below})">`,
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

type Scale = (value: number) => number

function scaleOf(domain: readonly [number, number], range: readonly [number, number], kind: 'linear' | 'log'): Scale {
  const of = kind === 'log' ? Math.log : (value: number): number => value
  if (kind === 'log' && domain[0] <= 0) throw new RangeError('a logarithmic axis needs values above 0')
  const [low, high] = [of(domain[0]), of(domain[1])]
  const span = high - low
  return (value) => range[0] + (span === 0 ? 0.5 : (of(value) - low) / span) * (range[1] - range[0])
}

/** Round numbers across a range. */
function ticksOf([low, high]: readonly [number, number]): number[] {
  const rough = (high - low || 1) / tickCount
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude
  const ticks: number[] = []
  for (let tick = Math.ceil(low / step - 1e-9); tick * step <= high + step * 1e-9; tick++) ticks.push(tick * step)
  return ticks
}

function aroundOf(values: readonly number[]): readonly [number, number] {
  const ticks = ticksOf([Math.min(0, ...values), Math.max(...values)])
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0)
  const last = ticks.at(-1) ?? 0
  return [ticks[0] ?? 0, Math.max(...values) > last ? last + step : last || 1]
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}

/** Of `values` those that stand at least `gap` apart. */
function spaced(values: readonly number[], scale: Scale, gap: number): number[] {
  let last = Number.NEGATIVE_INFINITY
  return values.filter((value) => {
    if (scale(value) - last < gap) return false
    last = scale(value)
    return true
  })
}

function drawLine(line: Series, index: number, x: Scale, y: Scale): string {
  const shape = line.isReference === true ? 'line reference' : `line s${index}`
  const known = line.points.filter(([px, py]) => Number.isFinite(px) && Number.isFinite(py))
  const path = known.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${round(x(px))} ${round(y(py))}`).join('')
  const dots = known.map(([px, py]) => `<circle cx="${round(x(px))}" cy="${round(y(py))}" r="2.6"/>`).join('')
  return `<g class="${shape}"><path d="${path}"/>${line.isReference === true ? '' : dots}</g>`
}

/** Names beside the ends of their lines, moved apart where they would overlap. */
function drawLegend(series: readonly Series[], y: Scale): string[] {
  const gap = 18
  const places = series
    .map((line, index) => ({ line, index, at: y(line.points.at(-1)?.[1] ?? 0) }))
    .sort((a, b) => a.at - b.at)
  let free = plot.top
  for (const place of places) {
    place.at = Math.max(place.at, free)
    free = place.at + gap
  }
  const excess = Math.max(0, free - gap - plot.bottom)
  return places.map(({ line, index, at }) => {
    const shape = line.isReference === true ? 'line reference' : `line s${index}`
    const top = round(at - excess)
    return `<g class="${shape}"><path d="M${plot.right + 12} ${top}h18"/></g>${label(plot.right + 36, top + 4, 'name', 'start', line.name)}`
  })
}

function label(x: number, y: number, kind: string, anchor: string, text: string): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escapeXml(text)}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function styleOf(series: readonly Series[]): string {
  const paint = (dark: boolean): string =>
    series
      .map((_, index) => {
        const colour = colours[index % colours.length]?.[dark ? 1 : 0]
        return `.s${index} path{stroke:${colour}}.s${index} circle{fill:${colour}}`
      })
      .join('')
  return [
    'text{font-family:system-ui,sans-serif;font-size:12px;fill:#333}.title{font-size:15px;font-weight:600}.tick{fill:#666}',
    '.page{fill:#fff}.grid{stroke:#e4e4e4}.axis{stroke:#888;fill:none}.line path{fill:none;stroke-width:2;stroke-linejoin:round}',
    '.reference path{stroke:#333;stroke-width:1.5;stroke-dasharray:6 4}',
    paint(false),
    '@media (prefers-color-scheme:dark){text{fill:#ddd}.tick{fill:#aaa}.page{fill:#15171a}.grid{stroke:#2c3036}.axis{stroke:#777}',
    '.reference path{stroke:#ddd}',
    paint(true),
    '}',
  ].join('')
}
