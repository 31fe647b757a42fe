import { escapeXml, wrapText } from './svg.ts'

/** One bar: a ratio and what was asked of it. */
export interface RatioBar {
  readonly label: string
  readonly ratio: number
  readonly target: number
  readonly met: boolean
  /** What it is a ratio to. */
  readonly to: string
}

const width = 880
const labelWidth = 380
const rowHeight = 26
/** Of what stands below a title of one line. */
const firstRow = 44
/** What fits across, in the width of common letters. */
const titleCharacters = 104
const titleLineHeight = 20
const most = 2

/**
 * An SVG of horizontal bars, one per ratio, each with a mark where its target is; bars longer than 2 are cut there. Readable on
 * light and dark pages. Pure.
 */
export function ratioChart(title: string, bars: readonly RatioBar[]): string {
  const lines = wrapText(title, titleCharacters)
  const top = firstRow + (lines.length - 1) * titleLineHeight
  const height = top + bars.length * rowHeight + 30
  const x = (ratio: number): number => labelWidth + (Math.min(ratio, most) / most) * (width - labelWidth - 150)
  const grid = [0, 0.5, 1, 1.5, 2]
    .map(
      (value) =>
        `<line class="grid" x1="${x(value)}" y1="${top - 6}" x2="${x(value)}" y2="${height - 24}"/>` +
        `<text class="dim" x="${x(value)}" y="${height - 8}" text-anchor="middle">${value} ×</text>`,
    )
    .join('\n')
  const rows = bars.map((bar, index) => {
    const y = top + index * rowHeight
    const end = x(bar.ratio)
    return `<text x="${labelWidth - 8}" y="${y + 15}" text-anchor="end">${escapeXml(bar.label)}</text>
<rect class="${bar.met ? 'met' : 'short'}" x="${labelWidth}" y="${y + 3}" width="${Math.max(1, end - labelWidth).toFixed(1)}" height="${rowHeight - 9}" rx="2"/>
<line class="target" x1="${x(bar.target)}" y1="${y}" x2="${x(bar.target)}" y2="${y + rowHeight - 3}"/>
<text x="${(Math.max(end, x(bar.target)) + 6).toFixed(1)}" y="${y + 15}">${bar.ratio.toFixed(2)} × ${escapeXml(bar.to)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}" font-family="system-ui, sans-serif" font-size="12">
<style>
text { fill: #24292f } .dim { fill: #6e7781 } .grid { stroke: #d0d7de } .target { stroke: #24292f; stroke-width: 2 }
.met { fill: #2da44e } .short { fill: #bf8700 } .page { fill: #ffffff }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .dim { fill: #8b949e } .grid { stroke: #30363d } .target { stroke: #e6edf3 } .page { fill: #0d1117 } }
</style>
<rect class="page" width="${width}" height="${height}"/>
${lines.map((line, index) => `<text x="12" y="${24 + index * titleLineHeight}" font-size="15">${escapeXml(line)}</text>`).join('\n')}
${grid}
${rows.join('\n')}
</svg>
`
}
