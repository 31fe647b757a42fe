import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import type { ValueOrigin } from '../origin.ts'
import type { ConfigProblem } from '../problem.ts'

/** A YAML text whose syntax is right, and the places in it. */
export interface YamlDocument {
  readonly document: Document
  /** The place of `node`; the start of the file for none. */
  originOf(node: unknown): ValueOrigin
}

export type YamlReading =
  | { readonly kind: 'document'; readonly yaml: YamlDocument }
  | { readonly kind: 'malformed'; readonly problems: readonly ConfigProblem[] }

/** One slip in the syntax makes many messages; the first ones tell. */
const maxSyntaxProblems = 3

/** Reads `text` as YAML 1.2, core schema. `file` is its name in messages. */
export function readYaml(file: string, text: string): YamlReading {
  const lines = new LineCounter()
  const at = (offset: number): ValueOrigin => {
    const { line, col } = lines.linePos(offset)
    return { kind: 'file', file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false, // its check compares every key with every other; ours below uses a set
    logLevel: 'silent',
    schema: 'core',
  })
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) {
    const problems = faults.slice(0, maxSyntaxProblems).map(({ pos, message, code }) => ({
      origin: at(pos[0]),
      path: '',
      message: code === 'RESOURCE_EXHAUSTION' ? 'is nested too deeply' : `is not valid YAML: ${message}`,
    }))
    return { kind: 'malformed', problems }
  }
  const originOf = (node: unknown): ValueOrigin => at(isNode(node) ? (node.range?.[0] ?? 0) : 0)
  const problems = duplicateKeys(document.contents, originOf)
  return problems.length > 0 ? { kind: 'malformed', problems } : { kind: 'document', yaml: { document, originOf } }
}

/** The name that the key of `pair` is; undefined for keys that are not plain text or numbers. */
export function keyName(pair: Pair): string | undefined {
  const { key } = pair
  return isScalar(key) && key.value !== null && typeof key.value !== 'object' ? String(key.value) : undefined
}

/** The node that is `inside` steps below `node` (the key, for an entry of a mapping), or the last one on the way. */
export function nodeAt(node: Node, inside: readonly PropertyKey[]): Node {
  let found = node
  let current: unknown = node
  for (const step of inside) {
    const pair = isMap(current) ? current.items.find((item) => keyName(item) === String(step)) : undefined
    const item = isSeq(current) ? current.items[Number(step)] : undefined
    const place = pair?.key ?? item
    if (!isNode(place)) break
    found = place
    current = pair === undefined ? item : pair.value
  }
  return found
}

function duplicateKeys(root: unknown, originOf: (node: unknown) => ValueOrigin): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const visit = (node: unknown, path: string): void => {
    if (isSeq(node)) for (const item of node.items) visit(item, path)
    if (!isMap(node)) return
    const seen = new Set<string>()
    for (const pair of node.items) {
      const name = keyName(pair)
      const inner = path === '' ? String(name) : `${path}.${name}`
      if (name === undefined) {
        problems.push({ origin: originOf(pair.key), path, message: 'holds a key that is not plain text' })
      } else if (seen.has(name)) {
        problems.push({ origin: originOf(pair.key), path: inner, message: 'is there twice' })
      } else seen.add(name)
      visit(pair.value, inner)
    }
  }
  visit(root, '')
  return problems
}
