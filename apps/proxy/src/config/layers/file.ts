import { type Document, isAlias, isMap, isNode, isScalar, type Node } from 'yaml'
import { type Environment, expandAll } from '../expand.ts'
import type { ConfigProblem } from '../problem.ts'
import { malformed, type Reading, read } from '../reading.ts'
import { sectionNames, settingForm } from '../schema.ts'
import type { Assignment, Layer } from './layer.ts'
import { unknownKey } from './unknown-key.ts'
import { keyName, nodeAt, readYaml } from './yaml-document.ts'

/** Largest configuration file, bytes. */
export const maxFileBytes = 1024 * 1024

/** More aliases than this in one value are an attack or an accident. */
const maxAliases = 100

/** What the YAML in `text` says; `file` is its name in messages, `env` fills in `${NAME}`. */
export function fileLayer(file: string, text: string, env: Environment): Layer {
  const reading = readYaml(file, text)
  if (reading.kind === 'malformed') return { assignments: [], problems: reading.problems }
  const { document, originOf } = reading.yaml
  const assignments: Assignment[] = []
  const problems: ConfigProblem[] = []

  function visitValue(path: string, keyNode: unknown, node: Node | undefined): void {
    const raw = node === undefined ? read(null) : plainData(node, document)
    const expanded = raw.kind === 'value' ? expandAll(raw.value, env) : raw
    const origin = originOf(node ?? keyNode)
    if (expanded.kind === 'malformed') problems.push({ origin, path, message: expanded.message })
    else {
      const locate = (inside: readonly PropertyKey[]) => (node === undefined ? origin : originOf(nodeAt(node, inside)))
      assignments.push({ path, raw: expanded.value, origin, locate })
    }
  }

  function visitSection(path: string, keyNode: unknown, node: Node | undefined): void {
    if (node === undefined || (isScalar(node) && node.value === null && node.source === '')) return
    if (!isMap(node)) {
      const names = [...(sectionNames.get(path) ?? [])].join(', ')
      const what = path === '' ? 'the file must be a mapping' : 'is a section, not a value'
      problems.push({ origin: originOf(node), path, message: `${what}; its keys are ${names}` })
      return
    }
    for (const pair of node.items) {
      const inner = path === '' ? String(keyName(pair)) : `${path}.${keyName(pair)}`
      const value = resolved(pair.value, document)
      if (settingForm(inner) !== undefined) visitValue(inner, pair.key, value)
      else if (sectionNames.has(inner)) visitSection(inner, pair.key, value)
      else problems.push(unknownKey(inner, originOf(pair.key ?? keyNode)))
    }
  }

  visitSection('', undefined, document.contents ?? undefined)
  return { assignments, problems }
}

function resolved(value: unknown, document: Document): Node | undefined {
  if (isAlias(value)) return value.resolve(document)
  return isNode(value) ? value : undefined
}

function plainData(node: Node, document: Document): Reading<unknown> {
  try {
    return read(node.toJS(document, { maxAliasCount: maxAliases }))
  } catch (error) {
    if (error instanceof ReferenceError) return malformed(`holds more than ${maxAliases} aliases`)
    throw error
  }
}
