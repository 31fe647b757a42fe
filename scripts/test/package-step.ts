import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readWorkspace } from '../boundaries/workspace.ts'
import { failedCheck, run, type StepResult } from './run-step.ts'

/**
 * Checks what would be published: each package is packed as for the registry, then publint looks at its package.json
 * and attw at whether its types resolve. The packages must have been built.
 */
export async function packageStep(name: string, root: string): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), 's3proxy-pack-'))
  const problems: string[] = []
  try {
    const published = readWorkspace(root).filter(({ manifest }) => manifest.private !== true)
    for (const { folder: source } of published) {
      const packed = await run('pnpm', ['pack', '--pack-destination', folder], { cwd: join(root, source) })
      if (packed.code !== 0) problems.push(`${source}: pnpm pack\n${packed.output}`)
    }
    for (const file of readdirSync(folder).sort()) {
      const tarball = join(folder, file)
      const bin = (program: string): string => join(root, 'node_modules', '.bin', program)
      for (const [program, ...args] of [
        [bin('publint'), 'run', '--strict', tarball],
        [bin('attw'), '--profile', 'esm-only', '--no-emoji', tarball],
      ] as const) {
        const { code, output } = await run(program, args, { cwd: root })
        if (code !== 0) problems.push(`${file}: ${output}`)
      }
    }
    if (problems.length > 0) return failedCheck(name, problems.join('\n'))
    if (published.length === 0) return failedCheck(name, 'no package to check')
    return { name, passed: published.length, failed: 0, skipped: 0, output: '' }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
