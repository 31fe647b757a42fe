import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect, parseArgs } from 'node:util'
import { changesetStep } from './test/changeset-step.ts'
import { packageStep } from './test/package-step.ts'
import { check, failedCheck, type StepResult } from './test/run-step.ts'
import { summarise } from './test/summary.ts'
import { vitestStep } from './test/vitest-step.ts'

// Every check of this repository, in order. The last line is `N passed, N failed`.

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const help = `npm test                        every check, in this order
npm test -- --lint              formatting and lint (biome)
npm test -- --boundaries        which package may import which
npm test -- --types             the TypeScript compiler
npm test -- --build             builds every package
npm test -- --packages          publint and attw on what would be published (needs --build before)
npm test -- --changeset         a change note is there
npm test -- --unit [FILTER…]    unit tests and scenarios
npm test -- --integration [FILTER…]
                                real clients against MinIO through the proxy
Flags add up. FILTER is part of a test file's path.`

type Flag = 'lint' | 'boundaries' | 'types' | 'build' | 'packages' | 'changeset' | 'unit' | 'integration'

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    lint: { type: 'boolean' },
    boundaries: { type: 'boolean' },
    types: { type: 'boolean' },
    build: { type: 'boolean' },
    packages: { type: 'boolean' },
    changeset: { type: 'boolean' },
    unit: { type: 'boolean' },
    integration: { type: 'boolean' },
  },
})

const here = { cwd: root }
const bin = (program: string): string => join(root, 'node_modules', '.bin', program)
const steps: readonly (readonly [flag: Flag, run: () => StepResult | Promise<StepResult>])[] = [
  ['lint', () => check('lint', [[bin('biome'), 'check', '--error-on-warnings', '.']], here)],
  ['boundaries', () => check('boundaries', [[process.execPath, join(root, 'scripts', 'check-boundaries.ts')]], here)],
  ['types', () => check('types', [[bin('tsc'), '-p', 'tsconfig.json']], here)],
  [
    'build',
    () => check('build', [['pnpm', '--filter', './packages/**', '--filter', './apps/**', '-r', 'run', 'build']], here),
  ],
  ['packages', () => packageStep('packages', root)],
  ['changeset', () => changesetStep('changeset', root)],
  ['unit', () => vitestStep('unit tests', { cwd: root, project: 'unit', filters })],
  ['integration', () => vitestStep('integration tests', { cwd: root, project: 'integration', filters })],
]

/** A step that throws has failed; the others still have their turn. */
async function attempt(flag: Flag, run: () => StepResult | Promise<StepResult>): Promise<StepResult> {
  try {
    return await run()
  } catch (error) {
    return failedCheck(flag, inspect(error))
  }
}

async function main(): Promise<number> {
  const chosen = steps.filter(([flag]) => values[flag] === true)
  const results: StepResult[] = []
  for (const [flag, run] of chosen.length > 0 ? chosen : steps) {
    console.log(`▶ ${flag} …`)
    const startedAt = performance.now()
    const result = await attempt(flag, run)
    results.push(result)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    if (result.output !== '') console.log(result.output.trimEnd())
    const skips = result.skipped > 0 ? `, ${result.skipped} skipped` : ''
    const mark = result.failed > 0 ? '✗' : '✓'
    console.log(`${mark} ${result.name}: ${result.passed} passed, ${result.failed} failed${skips} (${seconds} s)\n`)
  }
  const { line, exitCode } = summarise(results, { strict: process.env['CI'] === 'true' })
  console.log(line)
  return exitCode
}

if (values.help === true) console.log(help)
else process.exitCode = await main()
