import { systemErrorCode } from './file-system.ts'

/** Why a cache directory cannot be used, by what the file system says, in words that say what to do. */
export interface DirectoryTrouble {
  /** `unavailable`: the volume's trouble, which may pass; `inaccessible`: the path or its permissions are wrong. */
  readonly reason: 'unavailable' | 'inaccessible'
  readonly message: string
}

const another = 'or name another directory'

/** What the volume says of itself. */
const volume: Readonly<Record<string, string>> = {
  ENOSPC: `its volume is full: make room there (bytes or inodes), ${another}`,
  EDQUOT: `the disk quota is used up: raise it, make room, ${another}`,
  EROFS: `its volume is read-only: mount it for writing, ${another}`,
  EIO: `its volume fails: see the system's log, ${another}`,
  ENXIO: `its volume has no device any more: mount it again, ${another}`,
  ENODEV: `its volume has no device any more: mount it again, ${another}`,
  ESTALE: `its volume is not mounted properly any more: mount it again, ${another}`,
  ETIMEDOUT: `its volume does not answer: see the system's log, ${another}`,
}

/** What is wrong with the path. */
const path: Readonly<Record<string, string>> = {
  EACCES: `permission denied: it has to belong to the user that s3proxy runs as, ${another}`,
  EPERM: `not permitted: it has to belong to the user that s3proxy runs as, ${another}`,
  ENOTDIR: 'a part of its path is not a directory: name another one',
  EEXIST: 'it is not a directory: name another path',
  ELOOP: 'its path goes round in symbolic links: name another one',
  ENAMETOOLONG: 'its path is too long: name another one',
}

export function describeTrouble(directory: string, error: unknown): DirectoryTrouble {
  const code = systemErrorCode(error) ?? ''
  const detail = error instanceof Error ? error.message : String(error)
  const passing = volume[code]
  if (passing !== undefined) return { reason: 'unavailable', message: `${directory}: ${passing} (${detail})` }
  const wrong = path[code]
  const message = wrong === undefined ? `${directory}: ${detail}` : `${directory}: ${wrong} (${detail})`
  return { reason: 'inaccessible', message }
}
