import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDiskTier } from '@s3proxy/cache-store'
import { createFaultyFileSystem, runWorkload } from '@s3proxy/cache-store/testing'
import { createRandom, type KillPlan, maxBytes } from './kill-plan.ts'

// Uses a cache directory until it kills itself at one file operation, a few turns of the event loop later at most, so
// that other operations are under way. What has been promised is in the log before the next step begins.

const plan = JSON.parse(process.argv[2] ?? '') as KillPlan
const random = createRandom(plan.seed)
let operations = 0

function die(turns: number): void {
  if (turns === 0) process.kill(process.pid, 'SIGKILL')
  else setImmediate(() => die(turns - 1))
}

const fs = createFaultyFileSystem({
  before: () => {
    if (++operations === plan.operation) die(plan.turns)
  },
})
// Work in the background comes at once, so that it is under way too.
const pause = (delayMs: number): Promise<void> => sleep(Math.min(delayMs, 10), undefined, { ref: false })
const opening = await openDiskTier({ directory: plan.directory, maxBytes, fs, random, pause })
if (opening.kind === 'refused') throw new Error(opening.message)
const versions = new Map(plan.versions)
const started = new Map(versions)
const keep = (line: readonly [string, string, number]): void => {
  appendFileSync(plan.log, `${JSON.stringify(line)}\n`)
}
// A version is on record before the store hears of it.
const recorded = Object.assign(versions, {
  set(key: string, version: number) {
    if ((started.get(key) ?? 0) < version) keep(['started', key, version])
    started.set(key, version)
    return Map.prototype.set.call(versions, key, version) as typeof versions
  },
})
for (;;) {
  await runWorkload({
    store: opening.store,
    keys: plan.keys,
    steps: 100,
    alone: plan.alone,
    random,
    now: Date.now,
    versions: recorded,
    log: { atLeast: (key, version) => keep(['floor', key, version]) },
  })
}
