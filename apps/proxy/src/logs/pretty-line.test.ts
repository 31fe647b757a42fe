import { expect, test } from 'vitest'
import { prettyLine } from './pretty-line.ts'

test.each(['not JSON\n', '"text"\n', '7\n', 'null\n'])('%j stays as it is', (line) => {
  expect(prettyLine(line)).toBe(line)
})

test('missing parts are no trouble', () => {
  expect(prettyLine('{}')).toBe(' UNDEFINED \n')
  expect(prettyLine('{"time":"2026-02-06T12:34:56.789Z","level":"info","a":{"b":1},"err":7}')).toBe(
    '12:34:56.789 INFO   a={"b":1} err=7\n',
  )
})
