/** What became of a line: a request (or several), one that is of no concern, or nothing that the format knows. */
export type LineOutcome = 'taken' | 'ignored' | 'malformed'

/** Takes a request for `size` bytes of `key`. */
export type Take = (key: string, size: number) => void

/** Reads one line. */
export type LineParser = (line: string, take: Take) => LineOutcome

/** A whole number of bytes from 0 to 2^53 - 1; undefined for anything else. */
export function parseSize(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined
  const size = Number(text)
  return Number.isSafeInteger(size) ? size : undefined
}
