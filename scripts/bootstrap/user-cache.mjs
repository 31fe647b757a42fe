import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/**
 * The folder where this user's tools are kept: `$XDG_CACHE_HOME/s3proxy`, else `~/.cache/s3proxy`; where neither can be
 * written, a folder of the user's own below the temporary one.
 * @returns {string}
 */
export function userCacheDir() {
  const configured = process.env.XDG_CACHE_HOME || (process.platform === 'win32' ? process.env.LOCALAPPDATA : undefined)
  const home = homedir() || userInfo().homedir
  for (const base of [configured, home && join(home, '.cache')]) {
    if (base && isWritable(join(base, 's3proxy'))) return join(base, 's3proxy')
  }
  const fallback = join(tmpdir(), `s3proxy-${userInfo().uid}`)
  if (isWritable(fallback) && isOurs(fallback)) return fallback
  throw new Error(`no folder can be written: tried XDG_CACHE_HOME, ${home}/.cache and ${fallback}`)
}

/**
 * Whether `folder` is there, or can be made, and can be written.
 * @param {string} folder
 */
export function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false // the caller tries the next place
  }
}

/** Nobody else may have prepared what we are about to run. */
function isOurs(folder) {
  return process.getuid === undefined || statSync(folder).uid === process.getuid()
}
