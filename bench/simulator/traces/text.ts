import { type LineParser, parseSize } from './line-format.ts'

/**
 * Plain text, columns between blanks: `key` (as the LIRS traces have it; `*` separates parts of them), `key size`, or `time key size`,
 * where more columns may follow. Without a size objects are of size 1.
 */
export const parseTextLine: LineParser = (line, take) => {
  const columns = line.trim().split(/\s+/)
  const [first = '', second, third] = columns
  if (first === '' || first === '*' || first.startsWith('#')) return 'ignored'
  if (second === undefined) {
    take(first, 1)
    return 'taken'
  }
  const key = third === undefined ? first : second
  const size = parseSize(third ?? second)
  if (size === undefined) return 'malformed'
  take(key, size)
  return 'taken'
}
