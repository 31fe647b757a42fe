import { percentDecodeOnce } from './percent.ts'

/** One parameter of a query string, percent-decoded once to binary strings. */
export interface QueryParameter {
  readonly name: string
  /** Undefined without `=`; empty with `=` and nothing after it. */
  readonly value: string | undefined
}

/** More than any S3 operation takes; a longer query is kept from costing more. */
const maxParameters = 128

const empty: readonly QueryParameter[] = []

/**
 * Splits a query string (without its `?`) at `&` and the first `=`. `+` stays a plus and a broken `%` stays as it is;
 * empty parts are left out. From the 128th parameter on, all the rest is one parameter, not decoded, so that a reader
 * sees something it does not know rather than nothing.
 */
export function parseQuery(rawQuery: string): readonly QueryParameter[] {
  if (rawQuery === '') return empty
  const parameters: QueryParameter[] = []
  let start = 0
  while (start < rawQuery.length) {
    if (parameters.length === maxParameters - 1) {
      parameters.push({ name: rawQuery.slice(start), value: undefined })
      break
    }
    const separator = rawQuery.indexOf('&', start)
    const end = separator < 0 ? rawQuery.length : separator
    if (end > start) parameters.push(parameter(rawQuery.slice(start, end)))
    start = end + 1
  }
  return parameters
}

function parameter(text: string): QueryParameter {
  const equals = text.indexOf('=')
  if (equals < 0) return { name: percentDecodeOnce(text), value: undefined }
  return { name: percentDecodeOnce(text.slice(0, equals)), value: percentDecodeOnce(text.slice(equals + 1)) }
}
