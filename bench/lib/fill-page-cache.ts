import { open, readFile, truncate, writeFile } from 'node:fs/promises'

const pieceBytes = 4 << 20

/**
 * Leaves no memory of the machine unused, as on a server that has run for a day: reads a file of holes at `path` until the
 * system keeps as much of it as was free. On a virtual machine whose host takes back what is free, the first use of memory
 * costs ten times as much as writing to it, and whoever is measured first would pay.
 */
export async function fillPageCache(path: string): Promise<void> {
  const bytes = await freeBytes()
  await writeFile(path, '')
  await truncate(path, bytes)
  await using file = await open(path)
  const piece = Buffer.alloc(pieceBytes)
  for (let position = 0; position < bytes; position += pieceBytes) await file.read(piece, 0, pieceBytes, position)
}

/** Memory that nothing uses, not even the page cache (proc(5), `/proc/meminfo`). */
async function freeBytes(): Promise<number> {
  const [, kib] = /^MemFree: +(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8')) ?? []
  if (kib === undefined) throw new Error('/proc/meminfo says nothing of MemFree')
  return Number(kib) * 1024
}
