import { headerValue } from '@s3proxy/protocol'
import type { HttpAnswer } from '@s3proxy/testkit'
import { type Comparable, comparable, differences } from './comparable.ts'
import type { KnownDifference } from './known-difference.ts'
import type { Probe } from './probe.ts'
import type { DifferentialProxy, Mode } from './proxy.ts'
import type { ReadCase, State } from './read-case.ts'
import { fillIn, type Variables } from './variables.ts'
import type { World } from './world.ts'

const allStates: readonly State[] = ['cold', 'again', 'whole', 'disk', 'part', 'head']
const storeStates: readonly State[] = ['cold', 'whole', 'part']
const learningStates: readonly State[] = ['cold', 'again', 'whole', 'learnt', 'disk', 'part', 'head']

/** A case with what the store itself says to it. */
interface Expected {
  readonly probe: Probe
  readonly answer: Comparable
}

/** The bytes that are held in state `part`, as far as the object has them. */
const heldRange = 'bytes=100-399'

/** A difference, where it was seen, and what the proxy says it did there. */
interface Finding {
  readonly line: string
  readonly place: string
  readonly outcome: string
}

/** Runs a case in each of its states and modes; gives what differs from the store's own answer, for people. */
export async function runRead(
  world: World,
  variables: Variables,
  read: ReadCase,
  known: KnownDifference | undefined,
): Promise<string[]> {
  const ask = async (asked: Probe): Promise<Expected> => {
    const probe = fillIn(asked, await variables.of(world, asked))
    return { probe, answer: comparable(await world.direct.request(await world.sign(probe))) }
  }
  const expected = await ask(read)
  const direct = expected.answer
  const other = known === undefined ? undefined : (await ask({ ...read, ...known.with })).answer
  const found = known === undefined || known.store === direct.status ? [] : [`store: status ${direct.status}`]
  const { modes = ['s3', 'network'] } = read
  const perProxy = await Promise.all(
    world.proxies
      .filter(({ mode }) => modes.includes(mode))
      .map((proxy) => runStates(world, proxy, read, expected, known, other)),
  )
  return [...found, ...summarise(perProxy.flat())]
}

/** The same difference in several places is one line. */
function summarise(findings: readonly Finding[]): string[] {
  const places = new Map<string, Set<string>>()
  for (const { line, place, outcome } of findings) {
    const seen = places.get(line) ?? new Set()
    places.set(line, seen.add(`${place} (${outcome})`))
  }
  return [...places].map(([line, seen]) => `${line} -- in ${[...seen].join(', ')}`)
}

async function runStates(
  world: World,
  proxy: DifferentialProxy,
  read: ReadCase,
  { probe, answer }: Expected,
  known: KnownDifference | undefined,
  other: Comparable | undefined,
): Promise<Finding[]> {
  const found: Finding[] = []
  const request = await world.sign(probe)
  const send = async (state: State): Promise<void> => {
    const got = await proxy.request(request)
    const differs = known?.where(proxy.mode, state) === true
    const lines = differences(differs && other !== undefined ? other : answer, comparable(got))
    if (saysOutcome(read, state)) lines.push(...outcomeDifference(proxy.mode, read, got))
    const outcome = headerValue(got.headers, 'cache-status')?.replace('s3proxy; ', '') ?? 'no Cache-Status'
    found.push(...lines.map((line) => ({ line, place: `${proxy.mode}/${state}`, outcome })))
  }
  const prime = async (changes: Pick<Probe, 'method' | 'headers'>): Promise<void> => {
    await proxy.forget(request, 'both')
    await proxy.request(await world.sign({ ...primer(read, probe), ...changes }))
  }
  const enter: Readonly<Record<State, () => Promise<void>>> = {
    cold: () => proxy.forget(request, 'both'),
    again: async () => undefined,
    whole: () => prime({}),
    disk: () => proxy.forget(request, 'memory'),
    async learnt() {
      await prime({})
      await proxy.request(request)
    },
    part: () => prime({ headers: [...(primer(read, probe).headers ?? []), 'Range', heldRange] }),
    head: () => prime({ method: 'HEAD' }),
  }
  for (const state of read.states ?? statesOf(read)) {
    if (state === 'disk' && proxy.mode === 's3') continue
    await enter[state]()
    await send(state)
  }
  return found
}

function statesOf({ answeredBy, learns }: ReadCase): readonly State[] {
  if (answeredBy === 'store') return storeStates
  return learns === true ? learningStates : allStates
}

/** Whether a case says who answers in this state. */
function saysOutcome({ learns }: ReadCase, state: State): boolean {
  return learns === true ? state === 'learnt' || state === 'disk' : state === 'whole' || state === 'disk'
}

/** A plain read of the object that a case is about. */
function primer({ object }: ReadCase, { target, canonical, host, headers = [] }: Probe): Probe {
  const [path = '', query = ''] = (canonical ?? target).split('?')
  const version = query.split('&').find((part) => part.startsWith('versionId='))
  const customerKey: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string
    if (/-customer-/i.test(name)) customerKey.push(name, headers[i + 1] as string)
  }
  return {
    target: (object ?? path) + (version === undefined ? '' : `?${version}`),
    headers: customerKey,
    ...(host === undefined || object !== undefined ? {} : { host }),
  }
}

function outcomeDifference(mode: Mode, read: ReadCase, got: HttpAnswer): string[] {
  const outcome = headerValue(got.headers, 'x-cache') ?? 'none'
  const expected = expectedOutcomes(mode, read, got.status)
  return expected.includes(outcome) ? [] : [`X-Cache: expected ${expected.join(' or ')}, got ${outcome}`]
}

function expectedOutcomes(mode: Mode, { answeredBy, method }: ReadCase, status: number): readonly string[] {
  // An error is worded by the store, whoever could have known it.
  const byStore = answeredBy === 'store' || (answeredBy === 'network' && mode === 's3') || status >= 400
  if (byStore) return ['MISS', 'BYPASS']
  if (mode !== 's3' && answeredBy !== 'asked') return ['HIT']
  // A HEAD has no bytes to spare, so the store's own answer is passed on.
  return method === 'HEAD' ? ['MISS'] : ['REVALIDATED']
}
