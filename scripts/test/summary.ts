import type { StepResult } from './run-step.ts'

/** The last line of a run and how the process ends. */
export interface Summary {
  /** `N passed, N failed`, and `, N skipped` where there are any. */
  readonly line: string
  readonly exitCode: 0 | 1
}

/** Adds the steps up. Where `strict`, as in CI, a skipped test is a failed one: nothing may pass by not running. */
export function summarise(results: readonly StepResult[], { strict }: { readonly strict: boolean }): Summary {
  const sum = (pick: (result: StepResult) => number): number => results.reduce((total, one) => total + pick(one), 0)
  const passed = sum((one) => one.passed)
  const skipped = sum((one) => one.skipped)
  const failed = sum((one) => one.failed) + (strict ? skipped : 0)
  const shownSkips = strict || skipped === 0 ? '' : `, ${skipped} skipped`
  return { line: `${passed} passed, ${failed} failed${shownSkips}`, exitCode: failed > 0 || passed === 0 ? 1 : 0 }
}
