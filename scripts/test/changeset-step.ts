import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { failedCheck, type StepResult } from './run-step.ts'

/** A change to be released needs its note: at least one changeset, unless the last release has used them all up. */
export function changesetStep(name: string, root: string): StepResult {
  const passed = { name, passed: 1, failed: 0, skipped: 0, output: '' }
  const folder = join(root, '.changeset')
  const notes = (existsSync(folder) ? readdirSync(folder) : []).filter(
    (file) => file.endsWith('.md') && file !== 'README.md',
  )
  for (const note of notes) {
    if (
      !/^---\n(?:["']?@s3proxy\/[a-z-]+["']?: (?:major|minor|patch)\n)*---\n/.test(
        readFileSync(join(folder, note), 'utf8'),
      )
    ) {
      return failedCheck(name, `.changeset/${note} does not begin with the packages it releases`)
    }
  }
  const { version } = JSON.parse(readFileSync(join(root, 'apps/proxy/package.json'), 'utf8')) as { version: string }
  if (notes.length > 0 || version !== '0.0.0') return passed
  return failedCheck(name, 'There is no changeset. Run `pnpm changeset` and say what changed.')
}
