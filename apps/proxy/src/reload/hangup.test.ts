import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { catchHangup } from './hangup.ts'

test('every SIGHUP is heard, those before somebody listens as one', () => {
  const signals = new EventEmitter()
  let heard = 0
  const hangup = catchHangup(signals)
  signals.emit('SIGHUP')
  signals.emit('SIGHUP')
  hangup.listen(() => {
    heard += 1
  })
  expect(heard).toBe(1)
  signals.emit('SIGHUP')
  expect(heard).toBe(2)
})
