import { exitCodes } from '../load.ts'
import { type CacheCall, findObjects, withCache } from './cache-context.ts'
import { formatBytes, formatCount } from './format.ts'

/** What `s3proxy cache purge` can be told. */
export interface PurgeOptions {
  /** Everything is meant, unreadable leftovers too. */
  readonly all?: boolean
  readonly dryRun?: boolean
}

/** Removes the objects that are meant. A proxy that runs on the directory forgets them within about a second. */
export async function purge(call: CacheCall, { all = false, dryRun = false }: PurgeOptions): Promise<number> {
  const { io, options, names } = call
  if (all === names.length > 0) {
    io.stderr.write('s3proxy: name what to purge, or say --all\n')
    return exitCodes.usage
  }
  return await withCache(call, async (context) => {
    let objects = 0
    let freedBytes = 0
    const note = (): string => `${formatCount(objects, 'object')}, ${formatBytes(freedBytes)}`
    const remove = async (keyHash: string, diskBytes: number): Promise<void> => {
      freedBytes += dryRun ? diskBytes : await context.inspector.remove(keyHash)
    }
    const seen = findObjects(context, note, async ({ keyHash, diskBytes }) => {
      if (all) await remove(keyHash, diskBytes)
    })
    for await (const { report, name } of seen) {
      objects++
      await remove(report.keyHash, report.diskBytes)
      if (dryRun && options.json !== true) io.stdout.write(`${name.text}\n`)
    }
    if (options.json === true) io.stdout.write(`${JSON.stringify({ objects, freedBytes, dryRun })}\n`)
    else io.stdout.write(`${dryRun ? 'would purge' : 'purged'} ${note()}\n`)
    return exitCodes.ok
  })
}
