import { exitCodes } from '../load.ts'
import { type CacheCall, type Found, findObjects, withCache } from './cache-context.ts'
import { formatAge, formatBytes, formatCount, formatShare, formatTime } from './format.ts'

/** How `s3proxy cache ls` may order its lines. */
export const sortKeys = ['name', 'size', 'used'] as const

/** What `s3proxy cache ls` can be told. */
export interface LsOptions {
  /** Default: in the order of the directory, line by line as they are found. */
  readonly sort?: (typeof sortKeys)[number] | undefined
}

const header = '     SIZE  HELD  EXTENTS   USED  ETAG                NAME\n'

/** Lists the objects that are meant, a line each. */
export function ls(call: CacheCall, { sort }: LsOptions): Promise<number> {
  const { io, options } = call
  return withCache(call, async (context) => {
    let count = 0
    const kept: Found[] = []
    const print = (found: Found): void => {
      if (options.json === true) io.stdout.write(`${JSON.stringify(toJson(found))}\n`)
      else io.stdout.write(toLine(found, context.now()))
    }
    if (options.json !== true) io.stdout.write(header)
    for await (const found of findObjects(context, () => formatCount(count, 'object'))) {
      count++
      if (sort !== undefined) kept.push(found)
      else {
        context.progress.clear()
        print(found)
      }
    }
    if (sort !== undefined) for (const found of kept.sort(orders[sort])) print(found)
    return exitCodes.ok
  })
}

const orders: Readonly<Record<(typeof sortKeys)[number], (a: Found, b: Found) => number>> = {
  name: (a, b) => (a.name.subject < b.name.subject ? -1 : 1),
  size: (a, b) => b.report.representation.size - a.report.representation.size,
  used: (a, b) => b.report.usedAt - a.report.usedAt,
}

function toLine({ report, name }: Found, now: number): string {
  const { size, etag } = report.representation
  const columns = [
    formatBytes(size).padStart(9),
    formatShare(report.heldBytes, size).padStart(5),
    String(report.extents.length).padStart(8),
    formatAge(report.usedAt, now).padStart(6),
    ` ${etag.length > 18 ? `${etag.slice(0, 17)}…` : etag.padEnd(18)}`,
    ` ${name.text}`,
  ]
  return `${columns.join(' ')}\n`
}

function toJson({ report, name }: Found): unknown {
  const { representation, extents, heldBytes, diskBytes, validatedAt, usedAt } = report
  return {
    name: name.text,
    namespace: name.namespace,
    etag: representation.etag,
    size: representation.size,
    heldBytes,
    diskBytes,
    extents: extents.length,
    validatedAt: formatTime(validatedAt),
    usedAt: formatTime(usedAt),
  }
}
