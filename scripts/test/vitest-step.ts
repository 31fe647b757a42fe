import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failedCheck, run, type StepResult } from './run-step.ts'

/** What we read of vitest's JSON report. */
export interface VitestReport {
  readonly success: boolean
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

/** Runs one of vitest's projects, showing its own report while it runs, and counts its tests. */
export async function vitestStep(
  name: string,
  options: { readonly cwd: string; readonly project: string; readonly filters: readonly string[] },
): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), 's3proxy-vitest-'))
  const file = join(folder, 'report.json')
  try {
    const { code, output } = await run(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join('node_modules', 'vitest', 'vitest.mjs'),
        ...['run', '--project', options.project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
        ...options.filters,
      ],
      { cwd: options.cwd, live: true },
    )
    if (!existsSync(file)) return failedCheck(name, output)
    return countTests(name, JSON.parse(readFileSync(file, 'utf8')) as VitestReport, code)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The numbers of a report. A file that could not be loaded, or a run that ended badly for another reason, counts as one failure. */
export function countTests(name: string, report: VitestReport, exitCode: number): StepResult {
  const unloadable = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length
  const failed = report.numFailedTests + unloadable
  const passed = report.numPassedTests
  const skipped = report.numPendingTests + report.numTodoTests
  if (failed === 0 && (exitCode !== 0 || !report.success)) {
    return {
      name,
      passed,
      failed: 1,
      skipped,
      output: `vitest ended with exit code ${exitCode} although no test failed`,
    }
  }
  if (passed + failed + skipped === 0) return failedCheck(name, 'no test ran')
  return { name, passed, failed, skipped, output: '' }
}
