import { type LineParser, parseSize } from './line-format.ts'

/** Blocks one line may ask for. */
const maxBlocks = 65_536

/** A line of the traces of the ARC paper: first block, number of blocks, two numbers of no concern. Each block is an object of size 1. */
export const parseArcLine: LineParser = (line, take) => {
  const columns = line.trim().split(/\s+/)
  if (columns[0] === '') return 'ignored'
  const first = parseSize(columns[0])
  const count = parseSize(columns[1])
  if (columns.length < 3 || first === undefined || count === undefined || count > maxBlocks) return 'malformed'
  for (let block = 0; block < count; block++) take(String(first + block), 1)
  return 'taken'
}
