import { settings } from '../schema.ts'
import { type Layer, plainAssignment } from './layer.ts'

/** The built-in values. */
export function defaultsLayer(): Layer {
  const assignments = [...settings].map(([path, { fallback }]) => plainAssignment(path, fallback, { kind: 'default' }))
  return { assignments, problems: [] }
}
