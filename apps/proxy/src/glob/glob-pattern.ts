import { malformed, type Reading, read } from '../config/reading.ts'
import { showValue } from '../config/show-value.ts'
import { whyNeverMatching } from './never-matching.ts'

/** One step of a pattern: fixed bytes (a binary string, never empty), or one character that is not a slash. */
export type Atom = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'character' }

/** Atoms that follow each other. */
export type Fragment = readonly Atom[]

/** Fragments with a `*` between each two: any bytes but a slash. At least one, perhaps empty. */
export type Group = readonly Fragment[]

/** A pattern over `bucket/key`, as plain data. */
export interface GlobPattern {
  /** As it was written. */
  readonly source: string
  /** Groups with a `**` between each two: any bytes. At least one. */
  readonly groups: readonly Group[]
}

/** Longest pattern, characters: twice what the longest bucket and key need, as each may be escaped. */
const maxLength = 2560

/**
 * Reads a pattern: `*` is any run of bytes without a slash, `**` any run (three stars and more are two), `?` one
 * character other than a slash; a backslash takes the punctuation after it as it is; all else stands for itself, as
 * UTF-8. Refuses what can match no object at all, as that is never what was meant.
 */
export function parseGlob(source: unknown): Reading<GlobPattern> {
  if (source === undefined) return malformed('is missing; write a pattern such as "bucket/prefix/**"')
  if (typeof source !== 'string') return malformed(`${showValue(source)} is not a pattern such as "bucket/prefix/**"`)
  if (source.length > maxLength) return malformed(`is longer than ${maxLength} characters`)
  if (!source.isWellFormed()) return malformed('holds half a character (a lone surrogate)')
  const groups: Atom[][][] = [[[]]]
  let text = ''
  const fragment = (): Atom[] => groups.at(-1)?.at(-1) ?? []
  const endText = (): void => {
    if (text !== '') fragment().push({ kind: 'text', text: Buffer.from(text, 'utf8').toString('latin1') })
    text = ''
  }
  for (const [token] of source.matchAll(/\\.?|\*+|./gs)) {
    if (token.startsWith('\\')) {
      if (!/^\\[!-/:-@[-`{-~]$/.test(token)) return malformed(`holds a backslash that ${brokenEscape(token)}`)
      text += token.slice(1)
    } else if (token === '?') {
      endText()
      fragment().push({ kind: 'character' })
    } else if (token.startsWith('*')) {
      endText()
      if (token === '*') groups.at(-1)?.push([])
      else groups.push([[]])
    } else text += token
  }
  endText()
  const pattern = { source, groups }
  const fault = whyNeverMatching(pattern)
  return fault === undefined ? read(pattern) : malformed(`${showValue(source)} can never match: ${fault}`)
}

function brokenEscape(token: string): string {
  return token === '\\' ? 'ends it; write \\\\ for the character' : 'escapes nothing; write \\\\ for the character'
}
