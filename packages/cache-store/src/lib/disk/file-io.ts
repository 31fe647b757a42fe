import type { File } from './file-system.ts'

/** Fills `buffer` from `position` on, however short the single reads are; resolves to less only at the end of the file. */
export async function readFully(file: File, buffer: Uint8Array, position: number): Promise<number> {
  let filled = 0
  while (filled < buffer.length) {
    const count = await file.read(filled === 0 ? buffer : buffer.subarray(filled), position + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}

/** Writes all of `chunks` at `position`, however short the single writes are. */
export async function writeFully(file: File, chunks: readonly Uint8Array[], position: number): Promise<void> {
  let rest = chunks
  let at = position
  while (rest.length > 0) {
    const count = await file.write(rest, at)
    if (count === 0) throw new Error('the file system wrote nothing')
    at += count
    rest = dropBytes(rest, count)
  }
}

function dropBytes(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let index = 0
  let left = count
  for (let chunk = chunks[index]; chunk !== undefined && chunk.length <= left; chunk = chunks[++index]) {
    left -= chunk.length
  }
  const first = chunks[index]
  return first === undefined || left === 0 ? chunks.slice(index) : [first.subarray(left), ...chunks.slice(index + 1)]
}
