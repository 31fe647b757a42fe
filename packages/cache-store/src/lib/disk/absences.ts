/** Keys of which the directory has said that it has nothing: who looks for bytes in vain looks twice more while fetching them. */
export interface Absences {
  /** The directory said so when it was asked at `askedAt`, milliseconds since the epoch. */
  note(keyHash: string, askedAt: number): void
  /** When it said so; undefined: it did not, or something has happened since. */
  askedAt(keyHash: string): number | undefined
  /** Something has happened to the key. */
  forget(keyHash: string): void
  clear(): void
}

/** Keys remembered at most, the latest: more than are fetched at once. Some 600 KiB. */
const maxKeys = 4096

export function createAbsences(): Absences {
  /** The oldest first. */
  const absences = new Map<string, number>()
  return {
    note(keyHash, askedAt) {
      absences.delete(keyHash)
      absences.set(keyHash, askedAt)
      if (absences.size <= maxKeys) return
      for (const oldest of absences.keys()) {
        absences.delete(oldest)
        return
      }
    },
    askedAt: (keyHash) => absences.get(keyHash),
    forget: (keyHash) => void absences.delete(keyHash),
    clear: () => absences.clear(),
  }
}
