import { exitCodes } from '../load.ts'
import { type CacheCall, findObjects, withCache } from './cache-context.ts'
import { formatBytes, formatCount } from './format.ts'

/** What `s3proxy cache du` can be told. */
export interface DuOptions {
  /** Parts of the name that make a group: 1 is the bucket, 2 the bucket and the first prefix. */
  readonly depth: number
}

interface Group {
  objects: number
  heldBytes: number
  diskBytes: number
}

/** Adds up what the objects that are meant take, by bucket or prefix, largest first. */
export function du(call: CacheCall, { depth }: DuOptions): Promise<number> {
  const { io, options } = call
  return withCache(call, async (context) => {
    const groups = new Map<string, Group>()
    const total = { objects: 0, heldBytes: 0, diskBytes: 0 }
    let unreadable = 0
    const seen = findObjects(
      context,
      () => `${formatCount(total.objects, 'object')}, ${formatBytes(total.diskBytes)}`,
      ({ diskBytes }) => {
        unreadable += diskBytes
      },
    )
    for await (const { report, name } of seen) {
      const label = groupOf(name.text, depth)
      const group = groups.get(label) ?? { objects: 0, heldBytes: 0, diskBytes: 0 }
      groups.set(label, group)
      for (const sum of [group, total]) {
        sum.objects++
        sum.heldBytes += report.heldBytes
        sum.diskBytes += report.diskBytes
      }
    }
    const sorted = [...groups].sort(([, a], [, b]) => b.diskBytes - a.diskBytes)
    if (options.json === true) {
      const rows = sorted.map(([name, group]) => ({ name, ...group }))
      io.stdout.write(`${JSON.stringify({ total, unreadableBytes: unreadable, groups: rows }, undefined, 2)}\n`)
      return exitCodes.ok
    }
    io.stdout.write('     DISK       HELD     OBJECTS  NAME\n')
    for (const [name, group] of sorted) io.stdout.write(toLine(group, name))
    io.stdout.write(toLine(total, 'total'))
    if (unreadable > 0)
      io.stdout.write(`${formatBytes(unreadable)} more cannot be read; s3proxy cache verify --repair removes it\n`)
    return exitCodes.ok
  })
}

function toLine({ diskBytes, heldBytes, objects }: Group, name: string): string {
  return `${formatBytes(diskBytes).padStart(9)}  ${formatBytes(heldBytes).padStart(9)}  ${objects.toLocaleString('en-US').padStart(10)}  ${name}\n`
}

/** The first `depth` parts of a name, with the slash behind them. */
function groupOf(name: string, depth: number): string {
  const parts = name.split('/')
  return parts.length <= depth ? parts.slice(0, -1).join('/').concat('/') : parts.slice(0, depth).join('/').concat('/')
}
