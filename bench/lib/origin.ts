import { setTimeout as sleep } from 'node:timers/promises'
import type { Reaper } from '@s3proxy/testkit'
import type { OriginQuestion, OriginReport } from '../origin/main.ts'
import { startHelper } from './helper.ts'
import { readUsage, type Usage } from './process-usage.ts'

/** The store behind every contender, in a process of its own. */
export interface Origin {
  readonly port: number
  /** What it has sent, once it sends no more. */
  counters(): Promise<OriginReport>
  usage(): Usage
  close(): void
}

/** Starts it on a free port. */
export async function startOrigin(reaper: Reaper): Promise<Origin> {
  const helper = startHelper<OriginQuestion, OriginReport>(new URL('../origin/main.ts', import.meta.url), reaper)
  const { port } = await helper.ask('start')
  return {
    port,
    usage: () => readUsage(helper.pid),
    close: helper.close,
    async counters() {
      let last = await helper.ask('counters')
      for (;;) {
        await sleep(200)
        const now = await helper.ask('counters')
        if (now.bodyBytes === last.bodyBytes) return now
        last = now
      }
    },
  }
}
