import type { ValueOrigin } from '../origin.ts'
import type { ConfigProblem } from '../problem.ts'
import { settingForm } from '../schema.ts'
import { fromText } from './from-text.ts'
import { type Assignment, type Layer, plainAssignment } from './layer.ts'
import { unknownKey } from './unknown-key.ts'

/** One value from the command line. */
export interface FlagValue {
  /** Dotted path of the key. */
  readonly path: string
  readonly text: string
  /** As the user wrote it, for messages: `--port`, `--set cache.dir`. */
  readonly flag: string
}

/** What the command line says; the last of several flags for one key counts. */
export function flagsLayer(flags: readonly FlagValue[]): Layer {
  const assignments: Assignment[] = []
  const problems: ConfigProblem[] = []
  for (const { path, text, flag } of flags) {
    const origin: ValueOrigin = { kind: 'flag', flag }
    const form = settingForm(path)
    if (form === undefined) {
      problems.push(unknownKey(path, origin))
      continue
    }
    const reading = fromText(form, text)
    if (reading.kind === 'malformed') problems.push({ origin, path, message: reading.message })
    else assignments.push(plainAssignment(path, reading.value, origin))
  }
  return { assignments, problems }
}
