import type { LoadedConfig, LoadResult } from '../config/load-config.ts'
import type { FileStamp } from './file-stamp.ts'

/** Where a configuration comes from, so that it can be read again. */
export interface ConfigSource {
  readonly kind: 'source'
  /** What was read first. */
  readonly loaded: LoadedConfig
  /** The stamp of the file just before. */
  readonly stamped: FileStamp
  /** The stamp of the file now. Never rejects. */
  stamp(): Promise<FileStamp>
  /** Reads all layers again: the file as it is now; environment and command line stay what they were. */
  load(): LoadResult
}
