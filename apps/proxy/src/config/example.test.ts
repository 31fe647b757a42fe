import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fileLayer } from './layers/file.ts'
import type { ValueOrigin } from './origin.ts'
import { reservedSettings } from './reserved.ts'
import { settings } from './schema.ts'

const text = readFileSync(new URL('../../../../config/config.example.yaml', import.meta.url), 'utf8')
const lines = text.split('\n')
const layer = fileLayer('config.example.yaml', text, {})
const written = new Map(layer.assignments.map((assignment) => [assignment.path, assignment]))

function lineOf(origin: ValueOrigin): number {
  return origin.kind === 'file' ? origin.line - 1 : -1
}

/** The comment lines right above a line of the file, joined. */
function commentAbove(line: number): string {
  const comment: string[] = []
  for (let i = line - 1; i >= 0 && /^\s*#/.test(lines[i] ?? ''); i -= 1) comment.unshift(lines[i] ?? '')
  return comment.map((entry) => entry.replace(/^\s*#\s?/, '')).join(' ')
}

test('the example file has no problems', () => {
  expect(layer.problems).toEqual([])
})

test('the example file holds every key that has an effect, in the order of the schema, and no other', () => {
  expect([...written.keys()]).toEqual([...settings.keys()])
})

test.each([...settings])(
  '%s stands in the example with its default and a documentation that names it',
  (path, known) => {
    const assignment = written.get(path)
    expect(known.schema.parse(assignment?.raw)).toEqual(known.schema.parse(known.fallback))
    const comment = commentAbove(lineOf(assignment?.origin ?? { kind: 'default' }))
    expect(comment.length).toBeGreaterThan(40)
    expect(comment).toMatch(/Default/)
  },
)

test('the example names every key of later versions, or its section', () => {
  const comment = commentAbove(lines.length - 1)
  for (const path of reservedSettings.keys()) {
    const names = path.split('.').map((_, i, parts) => parts.slice(0, i + 1).join('.'))
    expect(names.some((name) => new RegExp(`[ ]${name.replaceAll('.', '\\.')}[,.]`).test(comment))).toBe(true)
  }
})
