import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'

/** Where figures come from. */
export interface Machine {
  readonly node: string
  readonly kernel: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  /** Load average of the last minute when the run began: others at work make figures worse. */
  readonly loadBefore: number
}

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    node: process.version,
    kernel: release(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadBefore: loadavg()[0] ?? Number.NaN,
  }
}

/** One line for people. */
export function formatMachine({ node, kernel, cpu, cores, memoryGiB, loadBefore }: Machine): string {
  return `Node ${node}, Linux ${kernel}, ${cores} × ${cpu}, ${memoryGiB} GiB, load before ${loadBefore.toFixed(1)}`
}

/** Throws unless this is Linux: CPU time and memory are read from `/proc`. */
export function requireProc(): void {
  try {
    readFileSync('/proc/self/stat')
  } catch (cause) {
    throw new Error('These benchmarks read CPU time and memory from /proc: run them on Linux.', { cause })
  }
}
