import type { Reaper } from '@s3proxy/testkit'
import { startHelper } from '../lib/helper.ts'
import { perCpuSecond, type Rate } from '../lib/rate.ts'
import { interleave } from '../lib/rounds.ts'
import { startS3proxy } from '../lib/s3proxy.ts'
import { spreadOf } from '../lib/statistics.ts'
import type { LookupKind } from './lookups.ts'
import type { MemoryReport } from './memory.ts'
import type { Pattern, Reader } from './reads.ts'
import type { Answer, Question } from './subject.ts'

/** A folder with a populated cache in its folder `cache`. */
export interface Population {
  readonly folder: string
  readonly cache: string
  readonly objects: number
}

export interface MeasureOptions {
  readonly reaper: Reaper
  readonly seconds: number
  readonly rounds: number
  readonly say: (what: string) => void
}

/** Asks a process of its own, so that no measurement finds the memory of another. */
async function askFresh<Q extends Question>(reaper: Reaper, question: Q): Promise<Answer<Q>> {
  const helper = startHelper<Q, Answer<Q>>(new URL('subject.ts', import.meta.url), reaper)
  const answer = await helper.ask(question)
  helper.close()
  return answer
}

/** Milliseconds from the start of a process until it is ready, and what it takes then; medians. */
export interface Readiness {
  readonly objects: number
  /** A process with the store alone: until a first object has been looked up. */
  readonly storeMs: number
  /** Of which opening and looking up. */
  readonly openMs: number
  /** The proxy, until it listens. */
  readonly proxyMs: number
  readonly proxyRssBytes: number
}

export async function measureReadiness(
  populations: readonly Population[],
  { reaper, rounds, say }: MeasureOptions,
): Promise<readonly Readiness[]> {
  const single = await interleave(rounds, populations, async ({ folder, cache, objects }) => {
    say(`getting ready, ${objects.toLocaleString('en')} objects`)
    const startedAt = Date.now()
    const { openMs, readyAt } = await askFresh(reaper, { kind: 'open', directory: cache })
    const begun = performance.now()
    const proxy = await startS3proxy({
      name: 's3proxy',
      directory: folder,
      originPort: 9,
      settings: { authorization: 'network', maxSize: '1TiB' },
      profileDir: undefined,
      reaper,
    })
    const proxyMs = performance.now() - begun
    const { rssBytes } = proxy.usage()
    await proxy.stop()
    return { objects, storeMs: readyAt - startedAt, openMs, proxyMs, proxyRssBytes: rssBytes }
  })
  return populations.map(({ objects }) => {
    const own = single.filter((one) => one.objects === objects)
    const median = (of: (one: Readiness) => number): number => spreadOf(own.map(of)).median
    return {
      objects,
      storeMs: median(({ storeMs }) => storeMs),
      openMs: median(({ openMs }) => openMs),
      proxyMs: median(({ proxyMs }) => proxyMs),
      proxyRssBytes: median(({ proxyRssBytes }) => proxyRssBytes),
    }
  })
}

export async function measureMemories(
  populations: readonly Population[],
  { reaper, say }: MeasureOptions,
): Promise<readonly (MemoryReport & { readonly objects: number })[]> {
  const reports: (MemoryReport & { readonly objects: number })[] = []
  for (const { cache, objects } of populations) {
    say(`memory, ${objects.toLocaleString('en')} objects`)
    const report = await askFresh(reaper, { kind: 'memory', directory: cache, count: objects, remember: 100_000 })
    reports.push({ objects, ...report })
  }
  return reports
}

/** Operations per CPU-second; one figure per round. */
export interface Speed<T> {
  readonly what: T
  readonly objects: number
  readonly perCpuSecond: readonly number[]
  readonly perSecond: readonly number[]
}

function speedOf<T>(what: T, objects: number, rates: readonly Rate[]): Speed<T> {
  return { what, objects, perCpuSecond: rates.map(perCpuSecond), perSecond: rates.map((one) => one.done / one.seconds) }
}

export async function measureAllLookups(
  populations: readonly Population[],
  { reaper, seconds, rounds, say }: MeasureOptions,
): Promise<readonly Speed<LookupKind>[]> {
  const kinds: readonly LookupKind[] = ['known', 'disk', 'absent', 'plain']
  const cases = kinds.flatMap((what) => populations.map((population) => ({ what, population })))
  const rates = await interleave(rounds, cases, async (one) => {
    const { cache: directory, objects: count } = one.population
    say(`lookups, ${one.what}, ${count.toLocaleString('en')} objects`)
    return { one, rate: await askFresh(reaper, { kind: 'lookups', what: one.what, directory, count, seconds }) }
  })
  return cases.map((one) =>
    speedOf(
      one.what,
      one.population.objects,
      rates.filter((rate) => rate.one === one).map(({ rate }) => rate),
    ),
  )
}

export async function measureAllEvictions(
  populations: readonly Population[],
  { reaper, rounds, say }: MeasureOptions,
): Promise<readonly Speed<'evictions'>[]> {
  const evictions = Math.max(1, Math.min(1000, ...populations.map(({ objects }) => Math.floor(objects / 10))))
  const rates = await interleave(rounds, populations, async (population) => {
    say(`evictions, ${population.objects.toLocaleString('en')} objects`)
    return { population, rate: await askFresh(reaper, { kind: 'evictions', directory: population.cache, evictions }) }
  })
  return populations.map((population) =>
    speedOf(
      'evictions' as const,
      population.objects,
      rates.filter((rate) => rate.population === population).map(({ rate }) => rate),
    ),
  )
}

export async function measureAllReads(
  directory: string,
  objects: number,
  { reaper, seconds, rounds, say }: MeasureOptions,
): Promise<readonly Speed<`${Pattern}, ${Reader}`>[]> {
  const patterns: readonly Pattern[] = ['sequential', 'random']
  const readers: readonly Reader[] = ['store', 'trusting', 'plain', 'checked']
  const cases = patterns.flatMap((pattern) => readers.map((reader) => ({ pattern, reader })))
  const rates = await interleave(rounds, cases, async (one) => {
    say(`reads, ${one.pattern}, ${one.reader}`)
    return { one, rate: await askFresh(reaper, { kind: 'reads', ...one, directory, objects, seconds }) }
  })
  return cases.map((one) =>
    speedOf(
      `${one.pattern}, ${one.reader}` as const,
      objects,
      rates.filter((rate) => rate.one === one).map(({ rate }) => rate),
    ),
  )
}
