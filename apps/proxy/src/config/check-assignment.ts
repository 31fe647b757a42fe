import { resolve } from 'node:path'
import { expandHome } from './expand.ts'
import type { Assignment } from './layers/layer.ts'
import { nearest } from './nearest.ts'
import type { ConfigProblem } from './problem.ts'
import { malformed, type Reading, read } from './reading.ts'
import { type ReservedSetting, reservedSettings } from './reserved.ts'
import { settings } from './schema.ts'
import type { Setting, SettingForm } from './setting.ts'
import { redactUserInfo } from './show-value.ts'

/** What relative paths and `~` are resolved against. */
export interface PathBase {
  /** Absolute. */
  readonly cwd: string
  readonly home: string
}

/** What became of one assignment. */
export type CheckedAssignment =
  /** `raw` is what was written, paths made absolute. */
  | { readonly kind: 'value'; readonly value: unknown; readonly raw: unknown }
  /** A key of a later version: `warning` says so unless it asks for what happens anyway. */
  | { readonly kind: 'reserved'; readonly warning: string | undefined }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] }

const unavailable = 'not available in this version'

/** Checks one value of one layer against the schema of its key. */
export function checkAssignment(assignment: Assignment, base: PathBase): CheckedAssignment {
  const { path, origin } = assignment
  const target = settings.get(path) ?? reservedSettings.get(path)
  if (target === undefined) return { kind: 'invalid', problems: [{ origin, path, message: 'unknown key' }] }
  const raw = preparePath(target.form, assignment.raw, base)
  if (raw.kind === 'malformed') return { kind: 'invalid', problems: [{ origin, path, message: raw.message }] }
  const result = target.schema.safeParse(raw.value)
  if (!result.success) {
    const keysAt = 'keysAt' in target ? target.keysAt : () => []
    return { kind: 'invalid', problems: result.error.issues.flatMap((issue) => toProblems(issue, assignment, keysAt)) }
  }
  if ('harmless' in target) return checkReserved(target, assignment, result.data)
  // Environment and flags know only text: show 80 and true, not "80" and "true".
  const { data } = result
  const plain = typeof data === 'number' || typeof data === 'boolean'
  return { kind: 'value', value: data, raw: plain && String(data) === raw.value ? data : raw.value }
}

function preparePath(form: SettingForm, raw: unknown, { cwd, home }: PathBase): Reading<unknown> {
  if (form !== 'path' || typeof raw !== 'string' || raw === '') return read(raw)
  if (raw.includes('\0')) return malformed('holds a NUL')
  const expanded = expandHome(raw, home)
  return expanded.kind === 'malformed' ? expanded : read(resolve(cwd, expanded.value))
}

function checkReserved(target: ReservedSetting, { path, origin }: Assignment, value: unknown): CheckedAssignment {
  if (target.inEffect.includes(value)) return { kind: 'reserved', warning: undefined }
  const harmless = typeof target.harmless === 'boolean' ? target.harmless : target.harmless(value)
  if (harmless) {
    const empty = Array.isArray(value) && value.length === 0
    return { kind: 'reserved', warning: empty ? undefined : `${unavailable}, ignored` }
  }
  const message = `${unavailable}, and going on without it would not do what was asked for`
  return { kind: 'invalid', problems: [{ origin, path, message }] }
}

/** The part of a schema's issue that matters here. */
interface Issue {
  readonly code: string | undefined
  readonly message: string
  readonly path: readonly PropertyKey[]
  readonly keys?: readonly string[]
}

function toProblems(issue: Issue, assignment: Assignment, keysAt: Setting<unknown>['keysAt']): ConfigProblem[] {
  const place = (inside: readonly PropertyKey[]) => ({
    origin: assignment.locate(inside),
    path: [assignment.path, ...inside.map((step) => redactUserInfo(formatStep(step)))].join('.'),
  })
  if (issue.code !== 'unrecognized_keys') return [{ ...place(issue.path), message: issue.message }]
  return (issue.keys ?? []).map((key) => {
    const near = nearest(key, keysAt(issue.path))
    return { ...place([...issue.path, key]), message: 'unknown key', ...(near === undefined ? {} : { nearest: near }) }
  })
}

/** A step of a path; quoted where it holds dots itself. */
function formatStep(step: PropertyKey): string {
  const name = String(step)
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name)
}
