/** Tells whoever waits what is going on, one line at a time. */
export type Progress = (line: string) => void

/** Writes each line to standard error. */
export const stderrProgress: Progress = (line) => void process.stderr.write(`${line}\n`)

/** Waits for `work` and says every `everyMs` (default 10 s) how long it has been going on, so that no wait looks dead. */
export async function withProgress<T>(
  what: string,
  work: Promise<T>,
  { progress, everyMs = 10_000 }: { readonly progress: Progress; readonly everyMs?: number },
): Promise<T> {
  const startedAt = performance.now()
  const seconds = (): number => Math.round((performance.now() - startedAt) / 1000)
  progress(`${what} …`)
  const timer = setInterval(() => progress(`${what} … ${seconds()} s`), everyMs)
  try {
    const result = await work
    progress(`${what}: done after ${seconds()} s`)
    return result
  } finally {
    clearInterval(timer)
  }
}
