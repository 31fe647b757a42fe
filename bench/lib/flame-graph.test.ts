import { describe, expect, it } from 'vitest'
import { flameGraph } from './flame-graph.ts'
import { foldProfile } from './fold-profile.ts'

const node = (id: number, functionName: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url: '', lineNumber: 0 },
  children,
})
const profile = JSON.stringify({
  nodes: [node(1, '(root)', [2, 5]), node(2, 'a<b>', [3, 4]), node(3, 'b'), node(4, 'never'), node(5, '(idle)')],
  samples: [2, 3, 3, 5],
  timeDeltas: [10, 20, 30, 1000],
})

describe('foldProfile', () => {
  it('sums times up the calls and leaves out idle time and what never ran', () => {
    expect(foldProfile(profile)).toEqual({
      name: '(root)',
      totalUs: 60,
      children: [{ name: 'a<b>', totalUs: 60, children: [{ name: 'b', totalUs: 50, children: [] }] }],
    })
  })
})

describe('flameGraph', () => {
  it('draws each frame as wide as its share', () => {
    const svg = flameGraph(foldProfile(profile), 'x & y')
    expect(svg).toContain('x &amp; y, 0.0 s of work')
    expect(svg).toContain('<title>a&lt;b&gt; — 100.0 %</title>')
    expect(svg).toMatch(/<title>b — 83\.3 %<\/title><rect x="0\.0" y="-51" width="1000\.0"/)
  })
})
