import type { Atom, GlobPattern } from './glob-pattern.ts'

/** Longest bucket name S3 has ever allowed, a slash, and the longest key, in bytes. */
const maxSubjectBytes = 255 + 1 + 1024

/**
 * Why no `bucket/key` can match `pattern`, with what to write instead; undefined if one may. An object's address has a
 * bucket without slashes and a key, neither of them empty.
 */
export function whyNeverMatching({ source, groups }: GlobPattern): string | undefined {
  if (source === '') return 'it is empty; write ** for everything'
  const scheme = /^(?:s3a?|https?|arn):/i.exec(source)?.[0]
  if (scheme !== undefined) return `a pattern is bucket/key, without ${scheme}`
  const bytes = groups.flat(2).reduce((sum, atom) => sum + (atom.kind === 'text' ? atom.text.length : 1), 0)
  if (bytes > maxSubjectBytes) return `bucket and key have at most ${maxSubjectBytes} bytes`

  const [first = [], ...others] = groups
  const parts = first.flatMap((fragment, i): (Atom | 'star')[] => (i === 0 ? [...fragment] : ['star', ...fragment]))
  const slash = parts.findIndex((part) => part !== 'star' && part.kind === 'text' && part.text.includes('/'))
  if (slash < 0) return others.length > 0 ? undefined : 'it has no slash; a pattern is bucket/key, such as bucket/**'
  const last = parts.length - 1
  const holder = parts[slash]
  const text = typeof holder === 'object' && holder.kind === 'text' ? holder.text : ''
  if (slash === 0 && text.startsWith('/')) return 'a pattern is bucket/key, without a slash in front'
  if (others.length === 0 && slash === last && text.endsWith('/') && text.indexOf('/') === text.length - 1) {
    return 'no key is empty; write ** behind the slash for the whole bucket'
  }
  const bucket = slash === 0 ? text.slice(0, text.indexOf('/')) : ''
  if (bucket === '.' || bucket === '..') return `no bucket is called ${bucket}`
  return /[\x00-\x1f\x7f\\]/.test(bucket) ? 'no bucket has a control character or a backslash in its name' : undefined
}
