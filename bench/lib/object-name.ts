/** An object of the origin: what its name says. */
export interface BenchObject {
  readonly sizeBytes: number
  /** Pace of each answer, in bytes per second; 0: as fast as it goes. */
  readonly bytesPerSecond: number
  /** Wait before the head of an answer, in milliseconds. */
  readonly firstByteMs: number
}

/** The bucket of all objects. */
export const bucket = 'bench'

/** The store's name, as clients write it in `Host`. */
export const storeHost = 'store.test'

/** The path of an object; `label` tells objects of the same kind apart. */
export function objectPath(label: string, object: BenchObject): string {
  return `/${bucket}/${label}/${object.sizeBytes}-${object.bytesPerSecond}-${object.firstByteMs}`
}

/** Reads a path made by {@link objectPath}; undefined for any other. */
export function parseObjectPath(path: string): BenchObject | undefined {
  const match = /^\/bench\/[\w-]+\/(\d{1,13})-(\d{1,12})-(\d{1,5})$/.exec(path)
  if (match === null) return undefined
  return { sizeBytes: Number(match[1]), bytesPerSecond: Number(match[2]), firstByteMs: Number(match[3]) }
}
