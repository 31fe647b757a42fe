import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileGlob } from './glob.ts'
import { parseGlob } from './glob-pattern.ts'

function binary(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function globOf(source: string) {
  const reading = parseGlob(source)
  if (reading.kind === 'malformed') throw new Error(reading.message)
  return compileGlob(reading.value)
}

test.each<readonly [pattern: string, right: readonly string[], wrong: readonly string[]]>([
  ['b/k', ['b/k'], ['b/kk', 'bb/k', 'b/K', 'B/k', 'b/']],
  ['b/**', ['b/k', 'b/k/l', 'b//'], ['bb/k', 'c/b/k']],
  ['b/*', ['b/k', 'b/'], ['b/k/l', 'bb/k']],
  ['b/a/**', ['b/a/', 'b/a/x/y'], ['b/a', 'b/ab']],
  ['b/**/x', ['b/a/x', 'b//x', 'b/a/b/x'], ['b/x', 'b/a/xx']],
  ['*/x', ['b/x', 'c/x'], ['b/c/x']],
  ['**', ['b/k', 'b/k/l'], []],
  ['**.tmp', ['b/.tmp', 'b/a/x.tmp'], ['b/x.tmpp', 'b/tmp']],
  ['b/?', ['b/x', 'b/é', 'b/日', 'b/😀'], ['b/', 'b/xx', 'b//', 'b/éé']],
  ['b/??.x', ['b/ab.x', 'b/日本.x'], ['b/a.x', 'b/日.x', 'b/a/.x']],
  ['b/*?', ['b/x', 'b/é', 'b/xyz'], ['b/', 'b/x/']],
  ['b/a*b*c', ['b/abc', 'b/a1b2c', 'b/abcbc'], ['b/ab/c', 'b/a/bc', 'b/abcd']],
  ['b/*/v?/**/*.json', ['b/x/v1/y/z.json'], ['b/x/v1/z.json', 'b/x/v12/y/z.json', 'b/x/y/v1/y/z.json']],
  ['**a*b**', ['x/a1b', 'a/a/ab', 'ab/'], ['a/b', 'b/a']],
  ['**/a*b/c**', ['x/ab/c', 'x/a/a/a1b/c9', 'x/ab/x/ab/c'], ['x/a/b/c', 'x/ab/x/c']],
  ['b/\\*\\?\\\\', ['b/*?\\'], ['b/ax\\', 'b/*?']],
  ['b/[a]{x}', ['b/[a]{x}'], ['b/a']],
  ['b/é*', ['b/é', 'b/éa'], ['b/e']],
])('%s', (pattern, right, wrong) => {
  const glob = globOf(pattern)
  for (const subject of right) expect([subject, glob.matches(binary(subject))]).toEqual([subject, true])
  for (const subject of wrong) expect([subject, glob.matches(binary(subject))]).toEqual([subject, false])
})

test.each([
  ['b/a/**', 'b/a/', true],
  ['b/a**', 'b/a', true],
  ['**', '', true],
  ['****', '', true],
  ['b/a*', 'b/a', false],
  ['b/a', 'b/a', false],
  ['b/a?**', 'b/a', false],
  ['b/*/**', 'b/', false],
  ['**/x', '', false],
  ['*/**', '', false],
])('the prefix of %s is %j', (pattern, prefix, prefixOnly) => {
  expect(globOf(pattern)).toMatchObject({ prefix, prefixOnly })
})

/** What a pattern means, as plainly as it can be said: step by step, with every way tried. */
function model(pattern: readonly string[], subject: string): boolean {
  const [step, ...rest] = pattern
  if (step === undefined) return subject === ''
  switch (step) {
    case '**':
      return Array.from(`${subject}$`).some((_, i) => model(rest, subject.slice(i)))
    case '*': {
      const run = /^[^/]*/.exec(subject)?.[0].length ?? 0
      return Array.from({ length: run + 1 }).some((_, i) => model(rest, subject.slice(i)))
    }
    case '?': {
      const character = /^[^/\x80-\xbf][\x80-\xbf]*/.exec(subject)?.[0]
      return character !== undefined && model(rest, subject.slice(character.length))
    }
    default: {
      const text = binary(step)
      return subject.startsWith(text) && model(rest, subject.slice(text.length))
    }
  }
}

const step = fc.constantFrom('*', '**', '?', '/', 'a', 'b', 'é', '日', '/a', 'a/')
const patterns = fc
  .array(step, { minLength: 1, maxLength: 8 })
  // Two stars beside each other would be read as one step.
  .map((steps) => steps.filter((each, i) => !(each.startsWith('*') && steps[i - 1]?.startsWith('*'))))
  .filter((steps) => parseGlob(steps.join('')).kind === 'value')

test('every pattern means the same as in the model', () => {
  // Bytes that are no UTF-8 included: half characters on either side of a slash or an end.
  const byte = fc.constantFrom('/', 'a', 'a', 'b', binary('é'), binary('日'), '\u00c3', '\u00a9')
  const subjects = fc.array(byte, { maxLength: 10 }).map((bytes) => bytes.join(''))
  fc.assert(
    fc.property(patterns, subjects, (steps, subject) => {
      const glob = globOf(steps.join(''))
      const expected = model(steps, subject)
      expect(glob.matches(subject)).toBe(expected)
      if (expected) expect(subject.startsWith(glob.prefix)).toBe(true)
      if (glob.prefixOnly) expect(subject.startsWith(glob.prefix)).toBe(expected)
    }),
    { numRuns: 20_000 },
  )
})

test('every pattern matches what it was filled in to', () => {
  const filling: Readonly<Record<string, fc.Arbitrary<string>>> = {
    '*': fc.stringMatching(/^[ab.é]{0,4}$/),
    '**': fc.stringMatching(/^[ab/é]{0,6}$/),
    '?': fc.constantFrom('a', 'z', 'é', '日', '😀', '\n'),
  }
  const filled = patterns.chain((steps) =>
    fc
      .tuple(...steps.map((each) => filling[each] ?? fc.constant(each)))
      .map((texts) => [steps.join(''), texts.join('')] as const),
  )
  fc.assert(
    fc.property(filled, ([pattern, subject]) => {
      expect(globOf(pattern).matches(binary(subject))).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('whatever stands in a pattern stands for itself when escaped', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), (key) => {
      const glob = globOf(`b/${key.replace(/[!-/:-@[-`{-~]/g, '\\$&')}`)
      expect(glob.matches(binary(`b/${key}`))).toBe(true)
      expect(glob.matches(binary(`b/${key}x`))).toBe(false)
    }),
  )
})

/** Counts what is asked of it. */
class CountingString extends String {
  steps = 0
  override charCodeAt(at: number): number {
    this.steps += 1
    return super.charCodeAt(at)
  }
  override startsWith(text: string, at: number): boolean {
    this.steps += 1
    return super.startsWith(text, at)
  }
  override indexOf(text: string, at: number): number {
    this.steps += 1
    return super.indexOf(text, at)
  }
}

test.each([
  ['many stars', `b/${'*a'.repeat(500)}*b*`, `b/${'a'.repeat(1024)}`],
  ['many double stars', `b/${'**a'.repeat(500)}**b**`, `b/${'a'.repeat(1024)}`],
  ['stars behind a double star', `**${'a*'.repeat(500)}b**`, `b/${'a'.repeat(1024)}`],
  ['a star met by many slashes', `**${'a*'.repeat(3)}c**`, `b/${'aaa/'.repeat(256)}`],
  ['slashes and stars', `**${'/*'.repeat(400)}/x**`, `b/${'a/'.repeat(512)}`],
  ['characters', `**${'?'.repeat(600)}b**`, `b/${'é'.repeat(512)}`],
])('no pattern and key make it slow: %s', (_, pattern, subject) => {
  const glob = globOf(pattern)
  const counting = new CountingString(subject)
  expect(glob.matches(counting as unknown as string)).toBe(glob.matches(subject))
  expect(counting.steps).toBeLessThan(2 * pattern.length * subject.length)
})
