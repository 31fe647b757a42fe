import { expect, test } from 'vitest'
import { ratioChart } from './ratio-chart.ts'

test('ratioChart draws bars as long as their ratio, cuts what is off the scale and marks the target', () => {
  const svg = ratioChart('a & b', [
    { label: 'half', ratio: 0.5, target: 1, met: false, to: 'nginx' },
    { label: 'much', ratio: 7, target: 1, met: true, to: 'nginx' },
  ])
  expect(svg).toContain('a &amp; b')
  const bars = [...svg.matchAll(/<rect class="(met|short)" x="380" y="\d+" width="([\d.]+)"/g)]
  expect(bars.map(([, kind, width]) => [kind, Number(width)])).toEqual([
    ['short', 87.5],
    ['met', 350],
  ])
  expect(svg).toContain('7.00 × nginx')
  expect(svg.match(/class="target" x1="555"/g)).toHaveLength(2)
})
