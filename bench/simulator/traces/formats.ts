import { parseAccessLogLine } from './access-log.ts'
import { parseArcLine } from './arc.ts'
import { createCsvParser } from './csv.ts'
import type { LineParser } from './line-format.ts'
import { parseSquidLine } from './squid.ts'
import { parseTextLine } from './text.ts'

/** The formats of lines by name. `oracleGeneral`, the only binary one, is apart. */
export const lineFormats: Readonly<Record<string, () => LineParser>> = {
  's3-log': () => parseAccessLogLine,
  squid: () => parseSquidLine,
  csv: createCsvParser,
  arc: () => parseArcLine,
  text: () => parseTextLine,
}

/** A format for `--format`. */
export const formatNames: readonly string[] = ['auto', ...Object.keys(lineFormats), 'oracleGeneral']

/**
 * The format of a file by its name and its first bytes. ARC traces look like plain text: they must be named (or end in `.lis`).
 */
export function detectFormat(fileName: string, start: Buffer): string {
  const name = fileName.toLowerCase().replace(/\.(gz|zst)$/, '')
  if (name.endsWith('.oraclegeneral.bin') || name.endsWith('.oraclegeneral')) return 'oracleGeneral'
  if (name.endsWith('.lis')) return 'arc'
  if (start.includes(0)) return 'oracleGeneral'
  const line =
    start
      .toString('latin1')
      .split('\n')
      .find((text) => text.trim() !== '') ?? ''
  const isTaken = (parser: LineParser): boolean => parser(line, () => undefined) !== 'malformed'
  if (isTaken(parseAccessLogLine)) return 's3-log'
  if (line.trim().split(/\s+/).length >= 7 && isTaken(parseSquidLine)) return 'squid'
  return line.includes(',') ? 'csv' : 'text'
}
