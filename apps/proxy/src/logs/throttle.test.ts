import { createManualClock } from '@s3proxy/testkit'
import { expect, it } from 'vitest'
import { createThrottle } from './throttle.ts'

it('says each kind of trouble at once, then once a period with what was left out', () => {
  const clock = createManualClock()
  const said: string[] = []
  const throttle = createThrottle(1000, clock.now)
  const offer = (what: string) => throttle.offer(what, (leftOut) => said.push(`${what} ${leftOut}`))
  for (const what of ['a', 'a', 'b', 'a']) offer(what)
  clock.advance(1000)
  offer('a')
  expect(said).toEqual(['a 0', 'b 0', 'a 2'])
})
