/** An entity tag (RFC 9110 section 8.8.3). */
export interface EntityTag {
  /** Whether it was marked `W/`. */
  readonly weak: boolean
  /** What stands between the quotes. */
  readonly opaque: string
}

/** The value of `If-Match` or `If-None-Match`. */
export type EntityTagList =
  /** `*`: any current representation. */
  | { readonly kind: 'any' }
  /** Elements that are no entity tags are left out, so the list may be empty; `complete`: there were none such. */
  | { readonly kind: 'list'; readonly tags: readonly EntityTag[]; readonly complete: boolean }

const any: EntityTagList = { kind: 'any' }

const quoted = /^(W\/)?"([^"]*)"$/
/** Clients of S3 often leave the quotes out (the AWS CLI does); S3 accepts it. */
const unquoted = /^(W\/)?([^"\s,*]+)$/
/** One element of a list: a quoted tag, which may hold commas, or what stands before the next comma. */
const element = /[ \t]*(?:W\/)?"[^"]*"|[^,]+/g

/** Reads one entity tag, quoted or not; undefined if it is neither (empty, `*`, unbalanced quotes). */
export function parseEntityTag(text: string): EntityTag | undefined {
  const match = quoted.exec(text) ?? unquoted.exec(text)
  return match === null ? undefined : { weak: match[1] !== undefined, opaque: match[2] ?? '' }
}

/** Reads the value of `If-Match` or `If-None-Match` (RFC 9110 sections 13.1.1 and 13.1.2). */
export function parseEntityTagList(value: string): EntityTagList {
  const trimmed = value.trim()
  if (trimmed === '*') return any
  const single = parseEntityTag(trimmed)
  if (single !== undefined) return { kind: 'list', tags: [single], complete: true }
  const tags: EntityTag[] = []
  const elements = (trimmed.match(element) ?? []).map((text) => text.trim()).filter((text) => text !== '')
  for (const text of elements) {
    const tag = parseEntityTag(text)
    if (tag !== undefined) tags.push(tag)
  }
  return { kind: 'list', tags, complete: tags.length === elements.length && tags.length > 0 }
}

/** Strong comparison (RFC 9110 section 8.8.3.2): equal and neither weak. */
export function strongMatch(a: EntityTag, b: EntityTag): boolean {
  return !a.weak && !b.weak && a.opaque === b.opaque
}

/** Weak comparison (RFC 9110 section 8.8.3.2): equal, weak or not. */
export function weakMatch(a: EntityTag, b: EntityTag): boolean {
  return a.opaque === b.opaque
}
