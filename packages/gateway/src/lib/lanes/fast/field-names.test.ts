import { describe, expect, it } from 'vitest'
import { FieldNames } from './field-names.ts'

const find = (names: FieldNames, text: string, hash = 7) => {
  const bytes = Buffer.from(`GET ${text}: x`, 'latin1')
  return names.find(bytes, 4, 4 + text.length, hash)
}

describe('names of fields', () => {
  it('are the same object each time, in each spelling', () => {
    const names = new FieldNames()
    const host = find(names, 'hOsT', 1)
    expect(host).toMatchObject({ text: 'hOsT', role: 'host' })
    expect(find(names, 'hOsT', 1)).toBe(host)
    expect(find(names, 'Host', 2)).toMatchObject({ text: 'Host', role: 'host' })
  })

  it('are told apart when they fall together', () => {
    const names = new FieldNames()
    for (const text of ['Expect', 'Expecu', 'Expec', 'Expect2', 'Range', 'Expect']) {
      expect(find(names, text).text).toBe(text)
      expect(find(names, text).role).toBe(text === 'Expect' ? 'unwelcome' : 'other')
    }
  })

  it('are not remembered when they are long', () => {
    const names = new FieldNames()
    const short = find(names, 'a'.repeat(64))
    expect(find(names, 'b'.repeat(65)).text).toBe('b'.repeat(65))
    expect(find(names, 'a'.repeat(64))).toBe(short)
  })
})
