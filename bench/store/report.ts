import { spreadOf } from '../lib/statistics.ts'
import { formatTable } from '../lib/table.ts'
import type { LookupKind } from './lookups.ts'
import type { Readiness, Speed } from './measure.ts'
import type { Memory, MemoryReport } from './memory.ts'
import type { Pattern, Reader } from './reads.ts'

export interface StoreResults {
  readonly readiness: readonly Readiness[]
  readonly memory: readonly (MemoryReport & { readonly objects: number })[]
  readonly lookups: readonly Speed<LookupKind>[]
  readonly evictions: readonly Speed<'evictions'>[]
  readonly reads: readonly Speed<`${Pattern}, ${Reader}`>[]
}

const count = (value: number): string => Math.round(value).toLocaleString('en')
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)

/** The tables for people. */
export function formatStore(results: StoreResults): string {
  return [
    formatReadiness(results.readiness),
    formatMemory(results.memory),
    formatSpeeds([...results.lookups, ...results.evictions]),
    formatReads(results.reads),
  ].join('\n')
}

function formatReadiness(all: readonly Readiness[]): string {
  const header = ['from the start of a process', 'store ready', 'of which opening', 'proxy listens', 'RSS of the proxy']
  return formatTable(
    header,
    all.map((one) => [
      `${count(one.objects)} objects`,
      `${count(one.storeMs)} ms`,
      `${one.openMs.toFixed(1)} ms`,
      `${count(one.proxyMs)} ms`,
      `${mib(one.proxyRssBytes)} MiB`,
    ]),
  )
}

function formatMemory(all: StoreResults['memory']): string {
  const both = ({ rssBytes, heapBytes }: Memory): string => `${mib(rssBytes)} / ${mib(heapBytes)}`
  const header = ['RSS / heap in MiB', 'opened', 'index of 32 MiB', 'remembers all', 'bytes per remembered object']
  return formatTable(
    header,
    all.map(({ objects, opened, bounded, unbounded, remembered }) => [
      `${count(objects)} objects, ${count(remembered)} used`,
      both(opened),
      both(bounded),
      both(unbounded),
      `${count(unbounded.rssBytes / remembered)} / ${count(unbounded.heapBytes / remembered)}`,
    ]),
  )
}

function formatSpeeds(speeds: readonly Speed<string>[]): string {
  const sizes = [...new Set(speeds.map(({ objects }) => objects))].sort((a, b) => a - b)
  const names = {
    known: 'lookups, known',
    disk: 'lookups from disk',
    absent: 'lookups of what is not there',
    plain: 'open, fstat, read, close in a loop',
  }
  const rows = [...new Set(speeds.map(({ what }) => what))].map((what) => {
    const own = sizes.map((objects) => speeds.find((speed) => speed.what === what && speed.objects === objects))
    const spreads = own.map((speed) => spreadOf(speed?.perCpuSecond ?? []))
    const ratio = (spreads.at(-1)?.median ?? Number.NaN) / (spreads[0]?.median ?? Number.NaN)
    return [
      Object.entries(names).find(([name]) => name === what)?.[1] ?? what,
      ...spreads.map(({ median, min, max }) => `${count(median)} (${count(min)}–${count(max)})`),
      `${ratio.toFixed(2)}×`,
    ]
  })
  return formatTable(['per CPU-second', ...sizes.map((objects) => `${count(objects)} objects`), 'ratio'], rows)
}

function formatReads(speeds: StoreResults['reads']): string {
  const medianOf = (pattern: Pattern, reader: Reader): number =>
    spreadOf(speeds.find(({ what }) => what === `${pattern}, ${reader}`)?.perCpuSecond ?? []).median
  const row = (name: string, pattern: Pattern, text: (value: number) => string): readonly string[] => {
    const [plain, checked] = [medianOf(pattern, 'plain'), medianOf(pattern, 'checked')]
    const beside = (reader: Reader): string => {
      const value = medianOf(pattern, reader)
      return `${text(value)} (${(value / plain).toFixed(2)}×, ${(value / checked).toFixed(2)}×)`
    }
    return [name, text(plain), text(checked), beside('store'), beside('trusting')]
  }
  const header = ['per CPU-second', 'fs.read', '… and CRC-32', 'store (beside both)', 'first-read (beside both)']
  return formatTable(header, [
    row('8 MiB, one after the other: GB', 'sequential', (bytes) => (bytes / 1e9).toFixed(2)),
    row('4 KiB anywhere: reads', 'random', count),
  ])
}
