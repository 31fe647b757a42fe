import { existsSync, readdirSync } from 'node:fs'

const descriptors = '/proc/self/fd'

/** Files and sockets that this process has open; where that cannot be told, what keeps its event loop busy. */
export function countOpen(): number {
  return existsSync(descriptors) ? readdirSync(descriptors).length : process.getActiveResourcesInfo().length
}

/** Waits for what is being closed; answers how many more than `before` stay open. */
export async function leftOpen(before: number): Promise<number> {
  for (let turns = 0; turns < 20_000 && countOpen() > before; turns++) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  return Math.max(0, countOpen() - before)
}
