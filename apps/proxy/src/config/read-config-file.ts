import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { systemReason } from '../system-reason.ts'
import { malformed, type Reading, read } from './reading.ts'

/** The text of a file, or why it cannot be had. */
export type ReadText = (path: string, maxBytes: number) => Reading<string>

/** Reads UTF-8 text of at most `maxBytes`, pipes included (`-c /dev/stdin`). */
export const readConfigFile: ReadText = (path, maxBytes) => {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    return malformed(`cannot be read: ${systemReason(error)}`)
  }
  try {
    if (fstatSync(file).isDirectory()) return malformed('is a directory')
    const buffer = Buffer.alloc(maxBytes + 1)
    let filled = 0
    for (let count = -1; count !== 0 && filled < buffer.length; filled += count) {
      count = readSync(file, buffer, filled, buffer.length - filled, null)
    }
    if (filled > maxBytes) return malformed(`is larger than ${maxBytes} bytes`)
    return decode(buffer.subarray(0, filled))
  } catch (error) {
    return malformed(`cannot be read: ${systemReason(error)}`)
  } finally {
    closeSync(file)
  }
}

function decode(bytes: Uint8Array): Reading<string> {
  try {
    return read(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    if (error instanceof TypeError) return malformed('is not UTF-8 text')
    throw error
  }
}
