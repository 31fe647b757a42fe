import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawLineChart, type LineChart } from './line-chart.ts'

const chart: LineChart = {
  title: 'Misses <by> "size" & policy',
  xLabel: 'size',
  yLabel: 'misses',
  xScale: 'log',
  series: [
    {
      name: '<script>',
      points: [
        [1, 0.5],
        [10, 0.2],
        [100, 0.1],
      ],
    },
    {
      name: 'limit',
      points: [
        [1, 0.4],
        [100, 0.05],
      ],
      isReference: true,
    },
  ],
  formatX: String,
  formatY: String,
}

describe('drawLineChart', () => {
  it('draws every series, and names are never markup', () => {
    const svg = drawLineChart(chart)
    expect(svg).toMatch(/^<svg /)
    expect(svg.match(/<path d="M/g)?.length).toBe(4)
    expect(svg).toContain('&lt;script&gt;')
    expect(svg).not.toContain('<script>')
    expect(svg).toContain('prefers-color-scheme:dark')
  })

  it('stays on the page, whatever the values', () => {
    const value = fc.double({ min: 1e-9, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value), { minLength: 1 }),
        fc.constantFrom('log', 'linear'),
        (points, xScale) => {
          const svg = drawLineChart({ ...chart, xScale: xScale as 'log', series: [{ name: 'a', points }] })
          expect(svg).not.toMatch(/NaN|Infinity|undefined/)
          for (const [, cx, cy] of svg.matchAll(/cx="([^"]+)" cy="([^"]+)"/g)) {
            expect(Number(cx)).toBeGreaterThanOrEqual(0)
            expect(Number(cx)).toBeLessThanOrEqual(760)
            expect(Number(cy)).toBeGreaterThanOrEqual(0)
            expect(Number(cy)).toBeLessThanOrEqual(420)
          }
        },
      ),
    )
  })

  it('breaks a long title into lines that fit, with all of its words, and makes room for them', () => {
    const title = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ')
    const svg = drawLineChart({ ...chart, title })
    const lines = [...svg.matchAll(/<text class="title" x="64" y="(\d+)" text-anchor="start">([^<]*)</g)]
    expect(lines.map(([, , line]) => line).join(' ')).toBe(title)
    expect(lines.map(([, y]) => Number(y))).toEqual([24, 44, 64, 84])
    for (const [, , line = ''] of lines) expect(line.length).toBeLessThanOrEqual(80)
    expect(svg).toContain('viewBox="0 0 760 480"')
    expect(svg).toContain('<g transform="translate(0 60)">')
  })

  it('refuses what cannot be drawn', () => {
    expect(() => drawLineChart({ ...chart, series: [] })).toThrow(RangeError)
    expect(() => drawLineChart({ ...chart, series: [{ name: 'a', points: [[0, 1]] }] })).toThrow(RangeError)
  })
})
