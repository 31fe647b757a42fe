import { expect, it } from 'vitest'
import { createSingleRun } from './single-run.ts'

function setUp() {
  const runs: PromiseWithResolvers<void>[] = []
  const said: unknown[] = []
  const work = { isWanted: false }
  const single = createSingleRun({
    run(isStopped) {
      const one = Promise.withResolvers<void>()
      runs.push(one)
      return one.promise.then(() => void said.push(isStopped()))
    },
    isWanted: () => work.isWanted,
    giveUp: () => said.push('given up'),
    onError: (error) => said.push(error),
  })
  return { single, runs, said, work }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('runs once however often it is woken, and again while there is work', async () => {
  const { single, runs, work } = setUp()
  single.wake()
  single.wake()
  expect(runs.length).toBe(1)
  work.isWanted = true
  runs[0]?.resolve()
  await turn()
  expect(runs.length).toBe(2)
  work.isWanted = false
  runs[1]?.reject(new Error('broken'))
  await turn()
  expect(runs.length).toBe(2)
})

it('waits for its run when it is stopped, then lets nobody wait', async () => {
  const { single, runs, said } = setUp()
  single.wake()
  const stopped = single.stop()
  runs[0]?.resolve()
  await stopped
  expect(said).toEqual([true, 'given up'])
  single.wake()
  expect([runs.length, said]).toEqual([1, [true, 'given up', 'given up']])
})
