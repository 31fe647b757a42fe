import { readdirSync, readFileSync } from 'node:fs'

/** What a process and its children have used. */
export interface Usage {
  /** Time on a processor, in user and kernel mode. */
  readonly cpuSeconds: number
  /** Resident memory now, shared pages included once per process. */
  readonly rssBytes: number
}

/** Ticks of `/proc/<pid>/stat`, fixed on Linux. */
const ticksPerSecond = 100
const pageBytes = 4096

/** Reads what `pid` and its direct children use, from `/proc`. Zero for a process that has gone. */
export function readUsage(pid: number): Usage {
  return [pid, ...childrenOf(pid)]
    .map(usageOf)
    .reduce(
      (sum, each) => ({ cpuSeconds: sum.cpuSeconds + each.cpuSeconds, rssBytes: sum.rssBytes + each.rssBytes }),
      nothing,
    )
}

const nothing: Usage = { cpuSeconds: 0, rssBytes: 0 }

function usageOf(pid: number): Usage {
  const fields = statFields(pid)
  if (fields === undefined) return nothing
  const number = (index: number): number => Number(fields[index])
  return { cpuSeconds: (number(11) + number(12)) / ticksPerSecond, rssBytes: number(21) * pageBytes }
}

/** The fields of `/proc/<pid>/stat` after the program's name, which may hold blanks; undefined if there is none. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    // It ended between listing and reading.
    return undefined
  }
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => Number(statFields(candidate)?.[1]) === pid)
}
