import { spreadOf } from '../lib/statistics.ts'
import type { PeerResult } from './measure.ts'
import type { ContenderName, PeerScenario, Target } from './scenarios.ts'

/** A target and what came of it. */
export interface Verdict {
  readonly scenario: string
  readonly title: string
  readonly target: Target
  /** Medians. */
  readonly ours: number
  readonly best: number
  readonly bestPeer: ContenderName
  readonly ratio: number
  /** What Node's sockets allow, over the best peer; undefined where it was not measured. */
  readonly limitRatio: number | undefined
  readonly met: boolean
}

/** Judges every target of the scenarios that were measured with at least one peer. Pure. */
export function judge(scenarios: readonly PeerScenario[], results: readonly PeerResult[]): Verdict[] {
  return scenarios.flatMap((scenario) =>
    scenario.targets.flatMap((target) => {
      const verdict = judgeTarget(scenario, target, results)
      return verdict === undefined ? [] : [verdict]
    }),
  )
}

function judgeTarget(scenario: PeerScenario, target: Target, results: readonly PeerResult[]): Verdict | undefined {
  const medianOf = (name: ContenderName): number => {
    const own = results.filter((each) => each.scenario === scenario.id && each.contender === name)
    return spreadOf(own.map((each) => each[target.metric])).median
  }
  const sign = target.bound === 'at-least' ? -1 : 1
  const [best] = (target.peers ?? scenario.peers)
    .map((peer) => ({ peer, value: medianOf(peer) }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => sign * (a.value - b.value))
  const ours = medianOf(scenario.ours)
  if (best === undefined || Number.isNaN(ours)) return undefined
  const ratio = ours / best.value
  const met = target.bound === 'at-least' ? ratio >= target.factor : ratio <= target.factor
  const { id, title, limit } = scenario
  const bound = limit === undefined ? Number.NaN : medianOf(limit) / best.value
  const limitRatio = Number.isNaN(bound) ? undefined : bound
  return { scenario: id, title, target, ours, best: best.value, bestPeer: best.peer, ratio, limitRatio, met }
}
