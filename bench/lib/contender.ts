import { readUsage, type Usage } from './process-usage.ts'

/** A caching proxy under measurement, in a process of its own. */
export interface Contender {
  readonly name: string
  readonly version: string
  readonly port: number
  /** Processes that serve. Default: one. */
  readonly workers?: number
  /** What its processes have used so far. */
  usage(): Usage
  /** Stops it and waits. */
  stop(): Promise<void>
}

/** A contender with the usual way to read what it uses. */
export function createContender(options: Omit<Contender, 'usage'> & { readonly pid: number }): Contender {
  const { pid, ...rest } = options
  return { ...rest, usage: () => readUsage(pid) }
}
