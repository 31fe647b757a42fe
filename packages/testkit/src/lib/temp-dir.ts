import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of its own that goes away with its scope: `await using dir = await createTempDir()`. */
export interface TempDir extends AsyncDisposable {
  readonly path: string
  /** Removes the folder and all in it. May be called more than once. */
  remove(): Promise<void>
}

/** Makes an empty folder under the system's temporary one. */
export async function createTempDir(prefix = 's3proxy-test-'): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), prefix))
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 5 })
  return { path, remove, [Symbol.asyncDispose]: remove }
}
