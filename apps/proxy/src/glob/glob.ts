import { fragmentEnd, fragmentStart } from './fragment.ts'
import type { Atom, Fragment, GlobPattern, Group } from './glob-pattern.ts'

/** A pattern made ready to match. */
export interface Glob {
  /** The bytes every match starts with. */
  readonly prefix: string
  /** Whether everything that starts with `prefix` matches. */
  readonly prefixOnly: boolean
  /** Whether the whole of the binary string `subject` matches. */
  matches(subject: string): boolean
}

const slash = 0x2f

/**
 * Makes `pattern` ready. Matching never goes back over a choice: each fragment is taken where it ends first (behind the
 * last `**`: starts last), which leaves the most room for the others, as no `*` reaches beyond a slash. So the time is
 * bounded by the length of the pattern times that of the subject, whatever they hold.
 */
export function compileGlob({ groups }: GlobPattern): Glob {
  const [head = [], ...rest] = groups
  const tail = rest.at(-1)
  const middle = rest.slice(0, -1)
  const prefix = textOf(head[0]?.[0])
  const suffix = textOf((tail ?? head).at(-1)?.at(-1))
  if (tail === undefined) {
    const matchesWhole = wholeMatcher(head)
    return { prefix, prefixOnly: false, matches: (subject) => subject.endsWith(suffix) && matchesWhole(subject) }
  }
  const headIsPrefix = head.length === 1 && head[0]?.length === (prefix === '' ? 0 : 1)
  return {
    prefix,
    prefixOnly: headIsPrefix && rest.every(isEmpty),
    matches(subject) {
      if (!subject.endsWith(suffix)) return false
      let end = groupEnd(head, subject, 0)
      if (end < 0) return false
      const limit = groupStart(tail, subject)
      for (const group of middle) {
        if (end > limit) return false
        end = firstGroupEnd(group, subject, end)
        if (end < 0) return false
      }
      return end <= limit
    },
  }
}

function textOf(atom: Atom | undefined): string {
  return atom?.kind === 'text' ? atom.text : ''
}

function isEmpty(group: Group): boolean {
  return group.length === 1 && group[0]?.length === 0
}

/** For a pattern without `**`. */
function wholeMatcher(group: Group): Glob['matches'] {
  const last = group.at(-1) ?? []
  if (group.length === 1) return (subject) => fragmentEnd(last, subject, 0) === subject.length
  const others = group.slice(0, -1)
  return (subject) => {
    const end = groupEnd(others, subject, 0)
    const start = fragmentStart(last, subject, subject.length)
    if (end < 0 || start < end) return false
    const next = subject.indexOf('/', end)
    return next < 0 || next >= start
  }
}

/** The first place where `group` can end if it starts at `at`; -1 if it does not start there. */
function groupEnd(group: Group, subject: string, at: number): number {
  let end = fragmentEnd(group[0] ?? [], subject, at)
  for (let i = 1; end >= 0 && i < group.length; i += 1) end = endAfterStar(group[i] ?? [], subject, end)
  return end
}

function endAfterStar(fragment: Fragment, subject: string, from: number): number {
  for (let start = from; start <= subject.length; start += 1) {
    const end = fragmentEnd(fragment, subject, start)
    if (end >= 0) return end
    if (subject.charCodeAt(start) === slash) return -1
  }
  return -1
}

/** The last place where `group` can start if it ends with the subject; -1 if it does not. */
function groupStart(group: Group, subject: string): number {
  let start = fragmentStart(group.at(-1) ?? [], subject, subject.length)
  for (let i = group.length - 2; start >= 0 && i >= 0; i -= 1) start = startBeforeStar(group[i] ?? [], subject, start)
  return start
}

function startBeforeStar(fragment: Fragment, subject: string, before: number): number {
  for (let end = before; end >= 0; end -= 1) {
    const start = fragmentStart(fragment, subject, end)
    if (start >= 0) return start
    if (subject.charCodeAt(end - 1) === slash) return -1
  }
  return -1
}

/** The first place where `group` can end if it starts at `from` or later; -1 if it does not occur. */
function firstGroupEnd(group: Group, subject: string, from: number): number {
  const first = group[0] ?? []
  const lead = first[0]?.kind === 'text' ? first[0].text : undefined
  let start = from
  while (start <= subject.length) {
    if (lead !== undefined) {
      start = subject.indexOf(lead, start)
      if (start < 0) return -1
    }
    if (fragmentEnd(first, subject, start) < 0) start += 1
    else {
      const end = groupEnd(group, subject, start)
      if (end >= 0) return end
      // A star met a slash, or the end. Whatever starts before the next slash has as many slashes in it as this, so that
      // its stars are in the same place or before, and meet the same.
      const next = subject.indexOf('/', start)
      if (next < 0) return -1
      start = next + 1
    }
  }
  return -1
}
