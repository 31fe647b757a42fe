import { describe, expect, it } from 'vitest'
import { createKeyLock } from './key-lock.ts'

describe('createKeyLock', () => {
  it('runs the tasks of one key in order, one at a time, past failures', async () => {
    const locks = createKeyLock()
    const log: string[] = []
    const task =
      (name: string, fails = false) =>
      async (): Promise<string> => {
        log.push(`${name} begins`)
        await Promise.resolve()
        log.push(`${name} ends`)
        if (fails) throw new Error(name)
        return name
      }
    const results = [locks.run('k', task('a')), locks.run('k', task('b', true)), locks.run('k', task('c'))]
    expect(log).toEqual(['a begins'])
    expect(await Promise.allSettled(results)).toMatchObject([{ value: 'a' }, { status: 'rejected' }, { value: 'c' }])
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  })

  it('lets keys pass each other', async () => {
    const locks = createKeyLock()
    const gate = Promise.withResolvers<void>()
    const slow = locks.run('slow', () => gate.promise)
    expect(await locks.run('quick', async () => 1)).toBe(1)
    expect([locks.isBusy('slow'), locks.isBusy('other')]).toEqual([true, false])
    gate.resolve()
    await slow
    await locks.idle()
    expect(locks.isBusy('slow')).toBe(false)
  })
})
