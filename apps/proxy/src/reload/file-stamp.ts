import { stat } from 'node:fs/promises'
import { systemReason } from '../system-reason.ts'

/** What can be told of a configuration file without reading it. */
export type FileStamp =
  /** `stamp` is another one when the file was replaced or written to. */
  | { readonly kind: 'file'; readonly stamp: string }
  /** A pipe or the like: what was in it has been read and is gone. */
  | { readonly kind: 'stream' }
  | { readonly kind: 'missing'; readonly reason: string }
  /** The configuration has no file. */
  | { readonly kind: 'none' }

/** The stamp of the file at `path`, symbolic links followed; `none` for undefined. Never rejects. */
export async function stampFile(path: string | undefined): Promise<FileStamp> {
  if (path === undefined) return { kind: 'none' }
  try {
    const found = await stat(path, { bigint: true })
    if (!found.isFile()) return { kind: 'stream' }
    return { kind: 'file', stamp: [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':') }
  } catch (error) {
    return { kind: 'missing', reason: systemReason(error) }
  }
}

/** Whether two stamps tell of the same content. */
export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.kind === b.kind && (a.kind !== 'file' || b.kind !== 'file' || a.stamp === b.stamp)
}
