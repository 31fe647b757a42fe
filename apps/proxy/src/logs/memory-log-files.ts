import type { LogFiles } from './log-files.ts'

/** {@link LogFiles} in memory, for tests. */
export interface MemoryLogFiles extends LogFiles {
  /** Contents by path. */
  readonly contents: ReadonlyMap<string, string>
  /** Paths of directories that are there although nothing may be in them. */
  readonly emptied: readonly string[]
  /** From now on appends take this many bytes in all and then fail; undefined: they work. */
  room: number | undefined
  /** Adds a file. */
  put(path: string, content: string): void
}

/** Makes an empty {@link MemoryLogFiles}. */
export function createMemoryLogFiles(): MemoryLogFiles {
  const contents = new Map<string, string>()
  const emptied: string[] = []
  const below = (directory: string) => [...contents.keys()].filter((path) => path.startsWith(`${directory}/`))
  return {
    contents,
    emptied,
    room: undefined,
    put(path, content) {
      contents.set(path, content)
    },
    append(path, bytes) {
      const taken = this.room === undefined ? bytes.length : Math.min(this.room, bytes.length)
      if (this.room !== undefined) this.room -= taken
      if (taken > 0) contents.set(path, (contents.get(path) ?? '') + Buffer.from(bytes.subarray(0, taken)).toString())
      return Promise.resolve(
        taken === bytes.length
          ? { kind: 'written' }
          : { kind: 'failed', written: taken, reason: 'no space left on the device' },
      )
    },
    list(directory) {
      const names = below(directory).map((path) => path.slice(directory.length + 1))
      return Promise.resolve({
        files: names.filter((name) => !name.includes('/')),
        directories: [...new Set(names.filter((name) => name.includes('/')).map((name) => name.split('/')[0] ?? ''))],
      })
    },
    removeFile: (path) => Promise.resolve(contents.delete(path)),
    removeEmptyDirectory(path) {
      if (below(path).length === 0) emptied.push(path)
      return Promise.resolve()
    },
  }
}
