import { expect, it } from 'vitest'
import { ownText } from './own-text.ts'

it('keeps every character of a field', () => {
  const every = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code))
  for (const text of ['', 'short', every]) expect(ownText(text)).toBe(text)
})
