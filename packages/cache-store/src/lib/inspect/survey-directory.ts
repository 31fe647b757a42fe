import { access, constants, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describeTrouble } from '../disk/directory-trouble.ts'
import { isMissing, systemErrorCode } from '../disk/file-system.ts'
import { createLayout } from '../disk/layout.ts'
import { judgeDirectory, notEmpty, type RefusedDirectory } from '../disk/marker.ts'
import { nodeFileSystem } from '../disk/node-file-system.ts'

/** What would become of opening a cache directory. */
export type DirectorySurvey =
  | { readonly kind: 'usable' }
  | { readonly kind: 'refused'; readonly reason: RefusedDirectory; readonly message: string }

/** Tells whether a directory can be used as a cache, without a change to it. One that does not exist will be made. */
export async function surveyDirectory(directory: string): Promise<DirectorySurvey> {
  const layout = createLayout(directory)
  try {
    const judged = await judgeDirectory(nodeFileSystem, layout)
    if (judged.kind === 'refused') return judged
    if (judged.kind === 'unmarked') return notEmpty(layout)
  } catch (error) {
    if (!isMissing(error)) return { kind: 'refused', ...describeTrouble(directory, error) }
  }
  try {
    const place = await nearest(directory)
    await access(place, constants.R_OK | constants.W_OK | constants.X_OK)
    const { bavail, files, ffree } = await statfs(place)
    // Some file systems make inodes as they go and say 0.
    if (bavail === 0 || (files > 0 && ffree === 0))
      throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
    return { kind: 'usable' }
  } catch (error) {
    return { kind: 'refused', ...describeTrouble(directory, error) }
  }
}

/** The directory itself or what is there of the way to it. */
async function nearest(path: string): Promise<string> {
  try {
    if (!(await stat(path)).isDirectory()) throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' })
    return path
  } catch (error) {
    const parent = dirname(path)
    if (systemErrorCode(error) !== 'ENOENT' || parent === path) throw error
    return await nearest(parent)
  }
}
