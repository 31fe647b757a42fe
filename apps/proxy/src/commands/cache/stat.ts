import type { KeyReport } from '@s3proxy/cache-store/inspect'
import { redacted, secretNames } from '../../logs/secret-names.ts'
import { exitCodes } from '../load.ts'
import { type CacheCall, type CacheContext, type Found, findObjects, withCache } from './cache-context.ts'
import { formatBytes, formatCount, formatShare, formatTime } from './format.ts'
import { objectName } from './object-name.ts'

/** Shows everything that is known of the objects called so; exit code 1 if there is none. */
export function stat(call: CacheCall): Promise<number> {
  const { io, names, options } = call
  return withCache({ ...call, options: { ...options, exact: true } }, async (context) => {
    const known = await direct(context, names)
    const all = known.length < names.length ? [] : known
    if (all.length === 0)
      for await (const found of findObjects(context, () => formatCount(all.length, 'object'))) all.push(found)
    if (all.length === 0) io.stderr.write(`s3proxy: ${names.join(', ')} is not in ${context.directory}\n`)
    if (options.json === true) io.stdout.write(`${JSON.stringify(all.map(toJson), undefined, 2)}\n`)
    else io.stdout.write(all.map(toText).join('\n'))
    return all.length === 0 ? exitCodes.failed : exitCodes.ok
  })
}

/** The current versions of the objects, where their names lead without a search. */
async function direct({ inspector, cacheKeys }: CacheContext, names: readonly string[]): Promise<Found[]> {
  const all: Found[] = []
  for (const key of names.flatMap(cacheKeys)) {
    const report = await inspector.stat(key)
    const name = objectName(key)
    if (report?.kind === 'entry' && name !== undefined) all.push({ report, name })
  }
  return all
}

function toText({ report, name }: Found): string {
  const { representation, heldBytes, extents } = report
  const { size, etag } = representation
  const lines = [
    `name       ${name.text}`,
    `namespace  ${name.namespace}`,
    `etag       ${etag}`,
    `size       ${size} (${formatBytes(size)})`,
    `held       ${heldBytes} (${formatShare(heldBytes, size)}), ${formatBytes(report.diskBytes)} of disk`,
    `confirmed  ${formatTime(report.validatedAt)}`,
    `used       ${formatTime(report.usedAt)}`,
    `directory  ${directoryOf(report)}`,
    'extents',
    ...extents.map((extent) => `  ${extent.start}-${extent.end}  ${extent.name ?? 'in the record'}`),
    'headers',
    ...pairs(representation.headers).map(([field, value]) => `  ${field}: ${value}`),
  ]
  return `${lines.join('\n')}\n`
}

function toJson({ report, name }: Found): unknown {
  const { representation, extents, validatedAt, usedAt, heldBytes, diskBytes, leftovers } = report
  return {
    name: name.text,
    namespace: name.namespace,
    etag: representation.etag,
    size: representation.size,
    heldBytes,
    diskBytes,
    validatedAt: formatTime(validatedAt),
    usedAt: formatTime(usedAt),
    directory: directoryOf(report),
    leftovers,
    extents,
    headers: pairs(representation.headers),
  }
}

function directoryOf({ keyHash }: KeyReport): string {
  return `v1/${keyHash.slice(0, 2)}/${keyHash.slice(2, 4)}/${keyHash}`
}

/** Header fields two by two; what may be secret is not shown. */
function pairs(headers: readonly string[]): (readonly [name: string, value: string])[] {
  const all: (readonly [string, string])[] = []
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [name = '', value = ''] = headers.slice(index, index + 2)
    all.push([name, secretNames.includes(name.toLowerCase()) ? redacted : value])
  }
  return all
}
