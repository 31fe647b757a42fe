import { describe, expect, it } from 'vitest'
import type { PeerResult } from './measure.ts'
import type { ContenderName } from './scenarios.ts'
import { scenarios, selectScenarios } from './scenarios.ts'
import { judge } from './targets.ts'

const result = (scenario: string, contender: ContenderName, requestsPerSecond: number, p99Ms = 1): PeerResult => ({
  scenario,
  contender,
  round: 0,
  requests: 1,
  seconds: 1,
  readBytes: 1,
  p50Ms: 1,
  p99Ms,
  errors: 0,
  requestsPerSecond,
  requestsPerCpuSecond: requestsPerSecond,
  capacity: requestsPerSecond,
  gbPerSecond: 1,
  gbPerCpuSecond: 1,
  serverCores: 1,
  rssBytes: 1,
})

describe('judge', () => {
  it('compares the median with the best peer', () => {
    const results = [
      ...[100, 130, 500].map((rate) => result('hit-4k', 's3proxy-ram', rate)),
      result('hit-4k', 'nginx', 90),
      result('hit-4k', 'varnish', 100),
    ]
    const [verdict] = judge(scenarios, results)
    expect(verdict).toMatchObject({ bestPeer: 'varnish', ours: 130, best: 100, ratio: 1.3, met: true })
    expect(judge(scenarios, [...results, result('hit-4k', 'varnish', 300)])[0]).toMatchObject({ best: 200, met: false })
  })

  it('takes less for better where latency is asked, and only the peers a target names', () => {
    const results = [
      result('half-load', 's3proxy-ram', 1, 12),
      result('half-load', 'nginx', 1, 10),
      result('half-load', 'varnish', 1, 2),
    ]
    expect(judge(scenarios, results)).toMatchObject([{ bestPeer: 'nginx', met: true }])
    expect(judge(scenarios, [result('half-load', 's3proxy-ram', 1, 13), ...results.slice(1)])).toMatchObject([
      { met: false },
    ])
  })

  it('says nothing of what was not measured', () => {
    expect(judge(scenarios, [result('hit-4k', 's3proxy-ram', 1)])).toEqual([])
  })
})

describe('selectScenarios', () => {
  it('adds what the pace of a scenario depends on, in order', () => {
    expect(selectScenarios(['half-load']).map(({ id }) => id)).toEqual(['hit-4k', 'half-load'])
    expect(() => selectScenarios(['hit-5k'])).toThrow('hit-5k')
  })
})
