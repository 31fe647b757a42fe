import { type Inspector, type KeyReport, openInspector } from '@s3proxy/cache-store/inspect'
import { ProxyError } from '@s3proxy/protocol'
import type { Io } from '../../io.ts'
import { systemReason } from '../../system-reason.ts'
import { type ConfigSelection, exitCodes, loadFor, reportTrouble } from '../load.ts'
import { cacheKeysOf } from './cache-keys-of.ts'
import { type ObjectName, objectName } from './object-name.ts'
import { createProgress, type Progress } from './progress.ts'
import { everything, parseSelection, type Selection } from './selection.ts'

/** What every `cache` command takes. */
export interface CacheOptions {
  readonly json?: boolean
  /** Names are no patterns. */
  readonly exact?: boolean
}

/** What a `cache` command works with. */
export interface CacheContext {
  readonly io: Io
  readonly inspector: Inspector
  readonly directory: string
  readonly selection: Selection
  /** The keys under which the object `bucket/key` of any store may be held, current version. */
  readonly cacheKeys: (name: string) => readonly string[]
  readonly progress: Progress
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** An object of the cache that is meant. */
export interface Found {
  readonly report: KeyReport & { readonly kind: 'entry' }
  readonly name: ObjectName
}

/** How a command was called. */
export interface CacheCall {
  readonly config: ConfigSelection
  readonly io: Io
  readonly names: readonly string[]
  readonly options: CacheOptions
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
}

/** Opens the cache directory of the configuration for `work`; gives the exit code. What goes wrong is told in a line. */
export async function withCache(call: CacheCall, work: (context: CacheContext) => Promise<number>): Promise<number> {
  const { io, names, options, now = Date.now } = call
  const selection =
    names.length === 0 ? { kind: 'value' as const, value: everything } : parseSelection(names, options.exact ?? false)
  if (selection.kind === 'malformed') return complain(io, selection.message, exitCodes.usage)
  const loaded = loadFor(call.config, io)
  if (loaded.kind === 'invalid') {
    reportTrouble(loaded, io)
    return exitCodes.usage
  }
  const { directory } = loaded.config.cache
  const opening = await openInspector({ directory, now })
  if (opening.kind === 'refused') return complain(io, opening.message, exitCodes.failed)
  const progress = createProgress(io, now)
  const cacheKeys = cacheKeysOf(loaded.config.upstream.stores)
  const { inspector } = opening
  try {
    const context = { io, inspector, directory, selection: selection.value, cacheKeys, progress, now }
    return await work(context).finally(() => inspector.close())
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error
    const detail = error.cause instanceof Error ? `: ${systemReason(error.cause)}` : ''
    progress.clear()
    return complain(io, `${directory}: ${error.message}${detail}`, exitCodes.failed)
  } finally {
    progress.clear()
  }
}

/** Every object that is meant, in no useful order, with the progress shown. `onUnreadable` hears of what is no entry. */
export async function* findObjects(
  context: CacheContext,
  note: () => string,
  onUnreadable: (report: KeyReport & { readonly kind: 'unreadable' }) => Promise<void> | void = () => undefined,
): AsyncGenerator<Found> {
  for await (const { report, share } of context.inspector.keys()) {
    context.progress.at(share, note)
    if (report.kind === 'unreadable') {
      await onUnreadable(report)
      continue
    }
    const name = objectName(report.representation.key)
    if (name !== undefined && context.selection.includes(name.subject)) yield { report, name }
  }
  context.progress.clear()
}

function complain(io: Io, message: string, code: number): number {
  io.stderr.write(`s3proxy: ${message}\n`)
  return code
}
