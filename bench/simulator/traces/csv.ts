import { type LineParser, parseSize } from './line-format.ts'

const keyNames = new Set(['key', 'obj', 'obj_id', 'object', 'object_id', 'id', 'lbn', 'url', 'path'])
const sizeNames = new Set(['size', 'obj_size', 'object_size', 'bytes', 'length'])

/**
 * Columns between commas, as libCacheSim reads them: a first line of names says which are the key and the size; without it they
 * are `time, key, size`. No quotes.
 */
export function createCsvParser(): LineParser {
  let columns: { readonly key: number; readonly size: number } | undefined
  return (line, take) => {
    const cells = line.split(',').map((cell) => cell.trim())
    if (cells.length < 2) return line.trim() === '' ? 'ignored' : 'malformed'
    if (columns === undefined) {
      const names = cells.map((cell) => cell.toLowerCase())
      const key = names.findIndex((name) => keyNames.has(name))
      const size = names.findIndex((name) => sizeNames.has(name))
      columns = key === -1 ? { key: 1, size: 2 } : { key, size }
      if (key !== -1) return 'ignored'
    }
    const key = cells[columns.key]
    const size = columns.size === -1 ? 1 : parseSize(cells[columns.size])
    if (key === undefined || key === '' || size === undefined) return 'malformed'
    take(key, size)
    return 'taken'
  }
}
