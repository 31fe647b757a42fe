import { createGate } from '@s3proxy/testkit'
import { expect, it } from 'vitest'
import { createRests } from './rests.ts'

it('a wait ends with its pause, or when it is woken, or with all of them', async () => {
  const gate = createGate()
  const delays: number[] = []
  const rests = createRests((delayMs) => {
    delays.push(delayMs)
    return gate.pass()
  })
  const ended: string[] = []
  const first = rests.rest(10).then(() => ended.push('first'))
  rests.wake()
  await first
  const second = rests.rest(20).then(() => ended.push('second'))
  gate.open()
  await second
  const never = createRests(() => new Promise(() => undefined))
  const third = never.rest(30).then(() => ended.push('third'))
  never.end()
  await third
  await never.rest(40)
  expect(ended).toEqual(['first', 'second', 'third'])
  expect(delays).toEqual([10, 20])
})

it('a loop around waits that take no time lets everything else go on', async () => {
  const rests = createRests(() => Promise.resolve())
  let stopped = false
  setTimeout(() => {
    stopped = true
  }, 0)
  while (!stopped) await rests.rest(1000)
})
