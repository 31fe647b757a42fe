/** What is known of a file without reading it. Times in milliseconds since the epoch. */
export interface FileStat {
  readonly size: number
  /** What it takes on the volume, as `du` counts it. */
  readonly allocatedBytes: number
  /** Names the file has. */
  readonly links: number
  readonly accessedAt: number
  readonly modifiedAt: number
}

/** How full the volume is that a file is on, for whom is not privileged. */
export interface VolumeStat {
  readonly freeBytes: number
  readonly totalBytes: number
}

/** An open file. Not used after `close`. Failures are Node's system errors, told apart by `code`. */
export interface File {
  /** Fills `buffer` from `position` on; resolves to the bytes read, fewer than asked at any time and 0 at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>
  /** Writes `chunks` one after the other at `position`; resolves to the bytes written, possibly fewer. */
  write(chunks: readonly Uint8Array[], position: number): Promise<number>
  stat(): Promise<FileStat>
  setTimes(accessedAt: number, modifiedAt: number): Promise<void>
  /** Resolves once the bytes would survive a power failure. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** The few file operations the disk tier needs, so that tests can inject a full or broken disk. */
export interface FileSystem {
  /** `read` opens what exists; `create` makes a new file for reading and writing and fails if there is one. */
  open(path: string, mode: 'read' | 'create'): Promise<File>
  /** Makes the directory and its parents; succeeds if it exists. */
  makeDirectory(path: string): Promise<void>
  /** Makes one directory; fails if it exists (`EEXIST`) or its parent does not. */
  addDirectory(path: string): Promise<void>
  /** Gives a file a second name; fails if the name is taken (`EEXIST`). */
  link(from: string, to: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  removeFile(path: string): Promise<void>
  /** Removes an empty directory. */
  removeDirectory(path: string): Promise<void>
  list(path: string): Promise<string[]>
  /** Resolves once the names in a directory would survive a power failure, as far as the file system can tell. */
  syncDirectory(path: string): Promise<void>
  stat(path: string): Promise<FileStat>
  volume(path: string): Promise<VolumeStat>
}

/** Whether `error` says that a name is taken. */
export function isTaken(error: unknown): boolean {
  return systemErrorCode(error) === 'EEXIST'
}

/** The `code` of a system error, such as `ENOENT`; undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Whether `error` says that a file or directory does not exist. */
export function isMissing(error: unknown): boolean {
  const code = systemErrorCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}
