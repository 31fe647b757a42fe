/** Calls `work` every `intervalMs`, until the function it gives is called; never for 0. Does not keep the process alive. */
export function pollEvery(intervalMs: number, work: () => void): () => void {
  if (intervalMs === 0) return () => undefined
  const timer = setInterval(work, intervalMs).unref()
  return () => clearInterval(timer)
}
