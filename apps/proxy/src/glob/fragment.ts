import type { Fragment } from './glob-pattern.ts'

const slash = 0x2f

/** Whether the byte is one of those that continue a character in UTF-8 (RFC 3629 section 3). */
function continues(subject: string, at: number): boolean {
  return (subject.charCodeAt(at) & 0xc0) === 0x80
}

/**
 * Where `fragment` ends in the binary string `subject` if it starts at `at`; -1 if it does not start there. A character
 * is a byte and the continuation bytes after it.
 */
export function fragmentEnd(fragment: Fragment, subject: string, at: number): number {
  let end = at
  for (const atom of fragment) {
    if (atom.kind === 'text') {
      if (!subject.startsWith(atom.text, end)) return -1
      end += atom.text.length
    } else {
      if (end >= subject.length || subject.charCodeAt(end) === slash || continues(subject, end)) return -1
      do end += 1
      while (end < subject.length && continues(subject, end))
    }
  }
  return end
}

/** The mirror image: where `fragment` starts if it ends before `end`, or -1. */
export function fragmentStart(fragment: Fragment, subject: string, end: number): number {
  let start = end
  for (let i = fragment.length - 1; i >= 0; i -= 1) {
    const atom = fragment[i]
    if (atom?.kind === 'text') {
      start -= atom.text.length
      if (start < 0 || !subject.startsWith(atom.text, start)) return -1
    } else {
      do start -= 1
      while (start >= 0 && continues(subject, start))
      if (start < 0 || subject.charCodeAt(start) === slash) return -1
    }
  }
  return start
}
