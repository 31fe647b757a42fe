import type { Damage, KeyReport } from '@s3proxy/cache-store/inspect'
import { exitCodes } from '../load.ts'
import { type CacheCall, findObjects, withCache } from './cache-context.ts'
import { formatBytes, formatCount } from './format.ts'

/** What `s3proxy cache verify` can be told. */
export interface VerifyCommandOptions {
  /** Removes what is damaged. */
  readonly repair?: boolean
  /** Compares the MD5 that many entity tags are. */
  readonly md5?: boolean
}

/** Reads everything that is meant against its checksums; exit code 1 if something is damaged and stays. */
export function verify(call: CacheCall, { repair = false, md5 = false }: VerifyCommandOptions): Promise<number> {
  const { io, options } = call
  return withCache(call, async (context) => {
    const { inspector, progress } = context
    let objects = 0
    let readBytes = 0
    let freedBytes = 0
    const damaged: { readonly name: string; readonly damage: readonly Damage[] }[] = []
    const note = (): string => `${formatCount(objects, 'object')}, ${formatBytes(readBytes)}, ${damaged.length} damaged`
    const check = async (report: KeyReport, name: string): Promise<void> => {
      const onRead = (bytes: number): void => {
        readBytes += bytes
      }
      const damage = await inspector.verify(report, { entityTags: md5, onRead })
      if (damage.length === 0) return
      damaged.push({ name, damage })
      progress.clear()
      if (options.json !== true) {
        for (const { name: file, message } of damage) io.stdout.write(`${name}: ${file ?? 'record'}: ${message}\n`)
      }
      if (repair) freedBytes += await inspector.repair(report, damage)
    }
    const seen = findObjects(context, note, (report) => check(report, `v1/…/${report.keyHash}`))
    for await (const { report, name } of seen) {
      objects++
      await check(report, name.text)
    }
    if (options.json === true) {
      io.stdout.write(
        `${JSON.stringify({ objects, readBytes, damaged, repaired: repair, freedBytes }, undefined, 2)}\n`,
      )
    } else io.stdout.write(`${note()}${repair ? `, ${formatBytes(freedBytes)} removed` : ''}\n`)
    return damaged.length > 0 && !repair ? exitCodes.failed : exitCodes.ok
  })
}
