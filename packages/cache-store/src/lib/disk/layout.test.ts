import { createHash } from 'node:crypto'
import { sep } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLayout, formatExtentName, hashKey, parseExtentName } from './layout.ts'

describe('the layout', () => {
  it('keeps every key inside its root, two levels down', () => {
    const layout = createLayout('/cache')
    fc.assert(
      fc.property(fc.string(), (key) => {
        const path = layout.record(hashKey(key))
        expect(path.startsWith(`${layout.root}${sep}`)).toBe(true)
        expect(path.slice(layout.root.length + 1).split(sep)).toHaveLength(4)
      }),
    )
  })

  it('hashes the bytes of a key', () => {
    expect(hashKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(hashKey('\u00e9')).not.toBe(hashKey('e'))
  })

  it('reads back the names of extents', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 2 ** 40 }), (start, length) => {
        const range = { start, end: start + length }
        expect(parseExtentName(formatExtentName('0123456789abcdef', range))).toEqual({ id: '0123456789abcdef', range })
      }),
    )
  })

  it('takes no other name for an extent', () => {
    const id = '0123456789abcdef'
    const names = [
      'record',
      `${id}.5-5.x`,
      `${id}.5-4.x`,
      `${id}.05-9.x`,
      `${id}.1-9`,
      `${id}.1-9.x.tmp`,
      `x${id}.1-9.x`,
    ]
    for (const name of [...names, `${id}.0-9999999999999999.x`, `${id}.-1-9.x`, '']) {
      expect(parseExtentName(name)).toBeUndefined()
    }
  })
})

it('names of keys are the same each time, and those no store has are not remembered', () => {
  const key = 'aws/bucket/k'
  expect(hashKey(key)).toBe(hashKey(['aws', 'bucket', 'k'].join('/')))
  expect(hashKey(key)).toBe(createHash('sha256').update(key).digest('hex'))
  const long = 'x'.repeat(60_000)
  expect(hashKey(long)).toBe(createHash('sha256').update(long).digest('hex'))
  for (let i = 0; i < 3000; i++) expect(hashKey(`k${i}`)).toHaveLength(64)
  expect(hashKey(key)).toBe(createHash('sha256').update(key).digest('hex'))
})
