import { close, open, read } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import type { CacheStore, Extent, Held } from '@s3proxy/cache-store'
import { measureRate, type Rate } from '../lib/rate.ts'
import { largeBytes, largeObject } from './large-objects.ts'
import { noBackground, openStore } from './open.ts'
import { createPicker } from './small-objects.ts'

/** How bytes are read: whole objects of 8 MiB one after the other, or 4 KiB anywhere in any of them. */
export type Pattern = 'sequential' | 'random'

/**
 * - `store`: through the store, every block checked
 * - `trusting`: the store with `verify: 'first-read'`
 * - `plain`: a loop of `fs.read` over the same files, into the same memory
 * - `checked`: the same with the CRC-32 of each block, of which a random read has to read all
 */
export type Reader = 'store' | 'trusting' | 'plain' | 'checked'

export interface ReadQuestion {
  readonly kind: 'reads'
  readonly pattern: Pattern
  readonly reader: Reader
  readonly directory: string
  readonly objects: number
  readonly seconds: number
}

/** Bytes of a random read. */
export const randomBytes = 4096

/** Bytes of a read of the plain loops when they read on and on, as much as the store reads at once. */
const runBytes = 1 << 20

/** Bytes under one checksum. */
const blockBytes = 64 << 10

/** Random reads at a time. */
const inFlight = 8

type Work = () => Promise<number>

/** Bytes of sequential, or number of random reads. */
export async function measureReads(question: ReadQuestion): Promise<Rate> {
  const { pattern, reader, seconds } = question
  const { work, end } =
    reader === 'store' || reader === 'trusting' ? await overStore(question) : await overFiles(question)
  const rate = { inFlight: pattern === 'sequential' ? 1 : inFlight, work }
  await measureRate({ ...rate, seconds: seconds / 4 })
  const measured = await measureRate({ ...rate, seconds })
  await end()
  return measured
}

interface Prepared {
  readonly work: Work
  readonly end: () => Promise<unknown>
}

async function overStore({ directory, reader, pattern, objects }: ReadQuestion): Promise<Prepared> {
  const verify = reader === 'trusting' ? 'first-read' : 'every-read'
  const store = await openStore({ directory, verify, indexMaxAgeMs: Number.POSITIVE_INFINITY, pause: noBackground })
  const all: { readonly held: Held; readonly extent: Extent }[] = []
  for (let index = 0; index < objects; index++) {
    const found = await store.lookup(largeObject(index).key)
    const extent = found.kind === 'held' ? found.held.extents[0] : undefined
    if (found.kind !== 'held' || extent === undefined) throw new Error('a large object is missing')
    all.push({ held: found.held, extent })
  }
  const pick = createPicker(objects)
  const pickAt = createPicker(largeBytes / randomBytes, 7)
  let turn = 0
  const next = (): { readonly index: number; readonly start: number; readonly end: number } => {
    if (pattern === 'sequential') return { index: turn++ % objects, start: 0, end: largeBytes }
    const start = pickAt() * randomBytes
    return { index: pick(), start, end: start + randomBytes }
  }
  const work = async (): Promise<number> => {
    const { index, start, end } = next()
    const one = all[index]
    if (one === undefined) throw new Error('no such object')
    const bytes = await drain(store, one.held, one.extent, { start, end })
    if (bytes !== end - start) throw new Error(`${bytes} bytes came`)
    return pattern === 'sequential' ? bytes : 1
  }
  return { work, end: () => store.close() }
}

async function drain(
  store: CacheStore,
  held: Held,
  extent: Extent,
  range: { readonly start: number; readonly end: number },
): Promise<number> {
  const reading = store.read(held, extent, range)
  const source = reading instanceof Promise ? await reading : reading
  let bytes = 0
  for (;;) {
    const next = source.next()
    const chunk = next instanceof Promise ? await next : next
    if (chunk === null) return bytes
    bytes += chunk.length
    source.recycle?.(chunk)
  }
}

async function overFiles({ directory, reader, pattern, objects }: ReadQuestion): Promise<Prepared> {
  const names = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.x'))
  const files = await Promise.all(names.map((name) => promisify(open)(join(directory, name), 'r')))
  if (files.length !== objects) throw new Error(`${files.length} files for ${objects} objects`)
  const checked = reader === 'checked'
  const pick = createPicker(objects)
  const pickAt = createPicker(largeBytes / randomBytes, 7)
  const idle: Buffer[] = []
  let turn = 0
  const readAll: Work = async () => {
    const file = files[turn++ % objects] ?? -1
    const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(runBytes)
    for (let at = 0; at < largeBytes; at += runBytes) {
      await readAt(file, buffer, at)
      if (checked) check(buffer)
    }
    idle.push(buffer)
    return largeBytes
  }
  const readSome: Work = async () => {
    const size = checked ? blockBytes : randomBytes
    const at = pickAt() * randomBytes
    const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(size)
    await readAt(files[pick()] ?? -1, buffer, at - (at % size))
    if (checked) check(buffer)
    idle.push(buffer)
    return 1
  }
  return {
    work: pattern === 'sequential' ? readAll : readSome,
    end: () => Promise.all(files.map((file) => promisify(close)(file))),
  }
}

/** Keeps the sums alive, so that none is optimised away. */
let sum = 0

function check(buffer: Buffer): void {
  for (let at = 0; at < buffer.length; at += blockBytes) sum ^= crc32(buffer.subarray(at, at + blockBytes))
}

/** The callback API costs less than `FileHandle.read`. */
function readAt(file: number, buffer: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    read(file, buffer, 0, buffer.length, position, (error, count) => {
      if (error === null && count === buffer.length) resolve()
      else reject(error ?? new Error(`${count} bytes came (${sum})`))
    })
  })
}
