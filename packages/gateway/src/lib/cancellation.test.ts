import { expect, test } from 'vitest'
import { Cancellation } from './cancellation.ts'

test('those who still listen are told once, as functions or as objects', () => {
  const told: string[] = []
  const cancellation = new Cancellation()
  const gone = (): void => void told.push('gone')
  cancellation.addEventListener('abort', gone)
  cancellation.addEventListener('abort', () => void told.push('function'))
  cancellation.addEventListener('abort', { handleEvent: () => void told.push('object') })
  cancellation.removeEventListener('abort', gone)
  expect(cancellation.aborted).toBe(false)
  cancellation.fire()
  cancellation.fire()
  expect([cancellation.aborted, told]).toEqual([true, ['function', 'object']])
})
