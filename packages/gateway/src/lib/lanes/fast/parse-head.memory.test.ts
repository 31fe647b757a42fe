import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { parseHead } from './parse-head.ts'

it('names that clients make up leave nothing behind', () => {
  setFlagsFromString('--expose-gc')
  const gc: () => void = runInNewContext('gc')
  const inUse = (): number => {
    gc()
    gc()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const limits = { maxHeadBytes: 65_536, maxHeaderFields: 256 }
  const parse = (lines: readonly string[]): void => {
    const bytes = Buffer.from(`GET /k HTTP/1.1\r\nHost: h\r\n${lines.join('')}\r\n`, 'latin1')
    expect(parseHead(bytes, 0, bytes.length, limits)).toMatchObject({ method: 'GET' })
  }
  parse([])
  const before = inUse()
  // Each at another place among the fields, from the last to the first.
  for (let place = 250; place > 0; place--)
    parse([...Array<string>(place).fill('A: b\r\n'), `${'x'.repeat(60_000)}: c\r\n`])
  parse([])
  // Each kept would be 15 MB of names as text and as much as bytes.
  expect(inUse() - before).toBeLessThan(3e6)
})
