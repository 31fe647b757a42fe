import { expect, it } from 'vitest'
import { createHiddenKeys } from './hidden-keys.ts'

it('shows a key again only for what began after it was hidden', () => {
  const hidden = createHiddenKeys()
  const before = hidden.mark()
  hidden.hide('k')
  hidden.show('k', before)
  expect(hidden.has('k')).toBe(true)
  hidden.show('k', hidden.mark())
  expect(hidden.has('k')).toBe(false)
})

it('hides everything once too many keys are hidden', () => {
  const hidden = createHiddenKeys(2)
  for (const key of ['a', 'b', 'c']) hidden.hide(key)
  expect(hidden.has('never seen')).toBe(true)
})
