import { expect, it } from 'vitest'
import { drawMemory } from './draw-memory.ts'

it('draws memory beside its bound', () => {
  const svg = drawMemory(
    [
      { x: 10, y: 400 },
      { x: 600, y: 650 },
    ],
    888,
  )
  expect(svg).toContain('Resident memory under a mixed load')
  expect(svg).toContain('tier + budget + 120')
  expect(svg).toContain('>800<')
})
