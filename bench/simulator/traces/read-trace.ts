import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { createTraceBuilder, type Trace } from '../trace.ts'
import { detectFormat, formatNames, lineFormats } from './formats.ts'
import type { LineParser } from './line-format.ts'
import { createLineCutter } from './lines.ts'
import { createOracleGeneralReader } from './oracle-general.ts'

export interface ReadTraceOptions {
  /** One of {@link formatNames}. */
  readonly format: string
  /** The rest of the file is not read. */
  readonly maxRequests: number
  /** Every object has size 1. */
  readonly ignoreSizes: boolean
  /** Told of progress, in requests. */
  readonly onProgress?: (requests: number) => void
}

/** A trace, and what was not understood of the file. */
export interface ReadTrace {
  readonly trace: Trace
  readonly format: string
  readonly malformedLines: number
}

/** More lines than this that say nothing, and the format is wrong. */
const maxMalformedShare = 0.5

/** Reads a trace file, compressed (`.gz`, `.zst`) or not. Throws if it is not a trace. */
export async function readTrace(path: string, options: ReadTraceOptions): Promise<ReadTrace> {
  const { maxRequests, ignoreSizes, onProgress } = options
  if (!formatNames.includes(options.format)) {
    throw new Error(`no format ${options.format}; there are ${formatNames.join(', ')}`)
  }
  const format = options.format === 'auto' ? detectFormat(path, await startOf(path)) : options.format
  const builder = createTraceBuilder()
  const take = (key: string, size: number): boolean => {
    if (builder.length < maxRequests) builder.add(key, ignoreSizes ? 1 : size)
    return builder.length < maxRequests
  }
  const stream = decompressed(path)
  const lines = { seen: 0, malformed: 0 }
  const consume = format === 'oracleGeneral' ? createRecords(take) : createLines(lineFormats[format]?.(), take, lines)
  for await (const chunk of stream) {
    if (!consume(chunk as Buffer)) break
    onProgress?.(builder.length)
  }
  if (format !== 'oracleGeneral') consume(undefined)
  stream.destroy()
  if (builder.length === 0 || lines.malformed > lines.seen * maxMalformedShare) {
    throw new Error(`${path}: not a trace in format ${format}: ${lines.malformed} of ${lines.seen} lines say nothing`)
  }
  return { trace: builder.build(basename(path)), format, malformedLines: lines.malformed }
}

/** Consumes a chunk, or the end; false: no more, please. */
type Consume = (chunk: Buffer | undefined) => boolean

function createRecords(take: (key: string, size: number) => boolean): Consume {
  const reader = createOracleGeneralReader()
  return (chunk) => chunk === undefined || reader.feed(chunk, take)
}

function createLines(
  parser: LineParser | undefined,
  take: (key: string, size: number) => boolean,
  lines: { seen: number; malformed: number },
): Consume {
  if (parser === undefined) throw new Error('no such format')
  const cutter = createLineCutter()
  let wanted = true
  const onLine = (line: string | undefined): void => {
    if (!wanted) return
    lines.seen++
    const outcome = line === undefined ? 'malformed' : parser(line, (key, size) => (wanted = take(key, size)))
    if (outcome === 'malformed') lines.malformed++
  }
  return (chunk) => {
    if (chunk === undefined) cutter.end(onLine)
    else cutter.feed(chunk, onLine)
    return wanted
  }
}

function decompressed(path: string): Readable {
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 })
  const decoder = path.endsWith('.gz') ? createGunzip() : path.endsWith('.zst') ? createZstdDecompress() : undefined
  if (decoder === undefined) return file
  file.on('error', (error) => decoder.destroy(error))
  return file.pipe(decoder)
}

/** The first bytes of the content. */
async function startOf(path: string): Promise<Buffer> {
  if (!/\.(gz|zst)$/.test(path)) {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }
  const stream = decompressed(path)
  for await (const chunk of stream) {
    stream.destroy()
    return (chunk as Buffer).subarray(0, 4096)
  }
  return Buffer.alloc(0)
}
