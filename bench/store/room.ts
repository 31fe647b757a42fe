import { statfs } from 'node:fs/promises'

export interface RoomNeeded {
  readonly bytes: number
  readonly inodes: number
}

/** Throws unless the volume of `path` has twice the room: the benchmark is not the only one who writes there. */
export async function requireRoom(path: string, { bytes, inodes }: RoomNeeded): Promise<void> {
  const { bavail, bsize, files, ffree } = await statfs(path)
  const free = bavail * bsize
  if (free < 2 * bytes) {
    throw new Error(`${gib(2 * bytes)} GiB should be free below ${path}, there are ${gib(free)}: --objects, or TMPDIR`)
  }
  // Some file systems make them as they go and say 0.
  if (files > 0 && ffree < 2 * inodes) {
    throw new Error(`${2 * inodes} inodes should be free below ${path}, there are ${ffree}: --objects, or TMPDIR`)
  }
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1)
}
