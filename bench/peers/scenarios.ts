/** This proxy with different settings. */
export type OurName =
  | 's3proxy-ram'
  | 's3proxy-disk'
  | 's3proxy-s3-tls'
  | 's3proxy-tls'
  | 's3proxy-one-worker'
  | 's3proxy-two-workers'

/** Who is measured: this proxy, its peers, and `bare-net`: what Node's sockets allow, without a proxy behind them. */
export type ContenderName = OurName | 'nginx' | 'nginx-tls' | 'nginx-revalidate-tls' | 'varnish' | 'bare-net'

/**
 * What is compared, in one run. `capacity`: requests per second if each process that serves had a core of its own, from
 * requests per CPU-second.
 */
export type Metric =
  | 'capacity'
  | 'requestsPerCpuSecond'
  | 'requestsPerSecond'
  | 'gbPerCpuSecond'
  | 'gbPerSecond'
  | 'p99Ms'

/** A target: our median over the peers' best, at least (or, for latency, at most) `factor`. */
export interface Target {
  readonly metric: Metric
  readonly bound: 'at-least' | 'at-most'
  readonly factor: number
  /** Default: every peer of the scenario. */
  readonly peers?: readonly ContenderName[]
}

/** One kind of load on some contenders. */
export interface PeerScenario {
  readonly id: string
  readonly title: string
  readonly sizeBytes: number
  /** Half-open; undefined: the whole object. */
  readonly range?: { readonly start: number; readonly end: number }
  /** `same`: everybody reads one object. `unique`: each request is the first for its object. */
  readonly objects: 'same' | 'unique'
  /** `full`: as fast as answers come. `half`: half of what the contender managed in scenario `of`. */
  readonly pace: { readonly kind: 'full' } | { readonly kind: 'half'; readonly of: string }
  readonly connections: number
  /** How long each is loaded before it is measured. Default 3 seconds. */
  readonly warmSeconds?: number
  /** How long it is measured at least. */
  readonly minSeconds?: number
  /** Servers and wrk run where they like, instead of each on its cores. */
  readonly anyCore?: boolean
  readonly ours: OurName
  readonly peers: readonly ContenderName[]
  /** Measured beside them and no peer: the bound of what can be had. */
  readonly limit?: ContenderName
  readonly targets: readonly Target[]
}

const kib = 1024
const mib = 1024 * kib
const full = { kind: 'full' } as const
const second8MiB = { start: 8 * mib, end: 16 * mib }

/** Every comparison, in the order of the report. */
export const scenarios: readonly PeerScenario[] = [
  {
    id: 'hit-4k',
    title: '4 KiB hits from RAM',
    sizeBytes: 4 * kib,
    objects: 'same',
    pace: full,
    connections: 64,
    ours: 's3proxy-ram',
    peers: ['nginx', 'varnish'],
    limit: 'bare-net',
    targets: [
      { metric: 'requestsPerCpuSecond', bound: 'at-least', factor: 1.3 },
      { metric: 'requestsPerSecond', bound: 'at-least', factor: 1.3 },
    ],
  },
  {
    id: 'hit-64k',
    title: '64 KiB hits from RAM',
    sizeBytes: 64 * kib,
    objects: 'same',
    pace: full,
    connections: 64,
    ours: 's3proxy-ram',
    peers: ['nginx', 'varnish'],
    limit: 'bare-net',
    targets: [
      { metric: 'requestsPerCpuSecond', bound: 'at-least', factor: 1.2 },
      { metric: 'requestsPerSecond', bound: 'at-least', factor: 1.2 },
    ],
  },
  {
    id: 'range-ram',
    title: '8 MiB ranges from RAM',
    sizeBytes: 64 * mib,
    range: second8MiB,
    objects: 'same',
    pace: full,
    connections: 16,
    ours: 's3proxy-ram',
    peers: ['nginx', 'varnish'],
    limit: 'bare-net',
    targets: [
      { metric: 'gbPerSecond', bound: 'at-least', factor: 1 },
      { metric: 'gbPerCpuSecond', bound: 'at-least', factor: 0.9 },
    ],
  },
  {
    id: 'range-disk',
    title: '8 MiB ranges from the page cache',
    sizeBytes: 64 * mib,
    range: second8MiB,
    objects: 'same',
    pace: full,
    connections: 16,
    ours: 's3proxy-disk',
    peers: ['nginx'],
    targets: [
      { metric: 'gbPerSecond', bound: 'at-least', factor: 1 },
      { metric: 'gbPerCpuSecond', bound: 'at-least', factor: 0.7 },
    ],
  },
  {
    id: 'revalidated',
    title: 'revalidated 4 KiB hits, TLS to the store',
    sizeBytes: 4 * kib,
    objects: 'same',
    pace: full,
    connections: 64,
    ours: 's3proxy-s3-tls',
    peers: ['nginx-revalidate-tls'],
    targets: [
      { metric: 'requestsPerCpuSecond', bound: 'at-least', factor: 1 },
      { metric: 'requestsPerSecond', bound: 'at-least', factor: 1 },
    ],
  },
  {
    id: 'miss-1m',
    title: '1 MiB cold misses, TLS to the store',
    sizeBytes: mib,
    objects: 'unique',
    pace: full,
    connections: 16,
    ours: 's3proxy-tls',
    peers: ['nginx-tls'],
    targets: [
      { metric: 'gbPerCpuSecond', bound: 'at-least', factor: 1 },
      { metric: 'gbPerSecond', bound: 'at-least', factor: 1 },
    ],
  },
  {
    id: 'miss-64m',
    title: '64 MiB cold misses, TLS to the store',
    sizeBytes: 64 * mib,
    objects: 'unique',
    pace: full,
    connections: 4,
    ours: 's3proxy-tls',
    peers: ['nginx-tls'],
    targets: [
      { metric: 'gbPerCpuSecond', bound: 'at-least', factor: 1 },
      { metric: 'gbPerSecond', bound: 'at-least', factor: 1 },
    ],
  },
  {
    id: 'half-load',
    title: '4 KiB hits at half of the own peak',
    sizeBytes: 4 * kib,
    objects: 'same',
    pace: { kind: 'half', of: 'hit-4k' },
    connections: 0,
    // Hundreds of connections arrive at once: of two seconds, their first answers would be the slowest hundredth.
    minSeconds: 8,
    ours: 's3proxy-ram',
    peers: ['nginx', 'varnish'],
    targets: [{ metric: 'p99Ms', bound: 'at-most', factor: 1.2, peers: ['nginx'] }],
  },
  {
    // On a machine of two cores wrk shares them with the workers, so the clock says nothing here.
    id: 'two-workers',
    title: '4 KiB hits from RAM, two workers beside one',
    sizeBytes: 4 * kib,
    objects: 'same',
    pace: full,
    connections: 64,
    anyCore: true,
    // Each worker compiles for itself, on half of the requests: after three seconds that was 13 % of the processor's time.
    warmSeconds: 15,
    ours: 's3proxy-two-workers',
    peers: ['s3proxy-one-worker'],
    targets: [{ metric: 'capacity', bound: 'at-least', factor: 1.8 }],
  },
]

/** Everybody who is measured in a scenario. */
export function contendersOf({ ours, peers, limit }: PeerScenario): readonly ContenderName[] {
  return limit === undefined ? [ours, ...peers] : [ours, ...peers, limit]
}

/** Whether `scenario` runs at half the pace of scenario `id`. */
export function isHalfOf(scenario: PeerScenario, id: string): boolean {
  return scenario.pace.kind === 'half' && scenario.pace.of === id
}

/** The scenarios of these ids, and those whose pace they depend on. Throws for an id that there is not. */
export function selectScenarios(ids: readonly string[]): readonly PeerScenario[] {
  for (const id of ids) {
    if (!scenarios.some((scenario) => scenario.id === id)) throw new Error(`there is no scenario \`${id}\``)
  }
  const chosen = scenarios.filter(({ id }) => ids.includes(id))
  return scenarios.filter(({ id }) => ids.includes(id) || chosen.some((scenario) => isHalfOf(scenario, id)))
}
