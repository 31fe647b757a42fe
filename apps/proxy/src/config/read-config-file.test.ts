import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readConfigFile } from './read-config-file.ts'

const directory = mkdtempSync(join(tmpdir(), 's3proxy-config-'))
afterAll(() => rmSync(directory, { recursive: true }))

function file(bytes: Uint8Array | string): string {
  const path = join(directory, 'file')
  writeFileSync(path, bytes)
  return path
}

test('text is read whole, without its byte order mark', () => {
  expect(readConfigFile(file('\ufeffa: ü\n'), 100)).toEqual({ kind: 'value', value: 'a: ü\n' })
  expect(readConfigFile(file(''), 100)).toEqual({ kind: 'value', value: '' })
  expect(readConfigFile(file('x'.repeat(100)), 100).kind).toBe('value')
})

test.each([
  ['what is not there', () => join(directory, 'nowhere'), 'cannot be read: there is no such file'],
  ['a directory', () => directory, 'is a directory'],
  ['too much', () => file('x'.repeat(101)), 'is larger than 100 bytes'],
  ['bytes that are no text', () => file(Uint8Array.of(0xff, 0xfe)), 'is not UTF-8 text'],
])('%s is refused', (_, path, message) => {
  expect(readConfigFile(path(), 100)).toEqual({ kind: 'malformed', message })
})
