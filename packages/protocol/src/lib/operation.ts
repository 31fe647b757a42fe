import { isAmzName } from './amz-name.ts'
import { headerValue } from './headers.ts'
import type { RawHeaders } from './message.ts'
import { type Effect, type OperationRow, operationTable } from './operation-table.ts'
import type { QueryParameter } from './query.ts'
import { isNoiseParameter } from './read-parameters.ts'

/** An operation by its name in the S3 API; `PostObject` is the form upload, `CorsPreflight` the OPTIONS request. */
export type OperationName = (typeof operationTable)[number]['name'] | 'Unknown'

/** What a write makes out of date. */
export type Invalidation =
  | { readonly kind: 'nothing' }
  /** The key of the request: its current version and, with a `versionId`, that version. */
  | { readonly kind: 'key' }
  /** The key of the request and the one in `x-amz-rename-source`. */
  | { readonly kind: 'key-and-source' }
  /** Everything in the bucket. */
  | { readonly kind: 'bucket' }
  /** The keys in the request's body, see `parseDeleteObjects`. */
  | { readonly kind: 'listed-keys' }
  /** The `key` field of the request's form. */
  | { readonly kind: 'form-key' }

/** What a request is to a cache. */
export type Operation =
  /** It may be answered from the cache, if its parameters allow it (see `parseReadParameters`). */
  | { readonly kind: 'read'; readonly name: 'GetObject' | 'HeadObject' }
  /** It is for the store alone and changes nothing a cache holds. */
  | { readonly kind: 'forward'; readonly name: OperationName }
  /** It is for the store alone and makes something out of date, from the moment it is sent. */
  | { readonly kind: 'write'; readonly name: OperationName; readonly invalidates: Invalidation }

/** What the path of a request names. */
export type OperationScope = 'service' | 'bucket' | 'object'

/** What {@link classifyOperation} looks at. */
export interface OperationInput {
  readonly method: string
  readonly scope: OperationScope
  readonly query: readonly QueryParameter[]
  readonly headers: RawHeaders
}

const getObject: Operation = { kind: 'read', name: 'GetObject' }
const headObject: Operation = { kind: 'read', name: 'HeadObject' }
const unknownForward: Operation = { kind: 'forward', name: 'Unknown' }

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** The widest that a write of this scope can reach: taken whenever a request is not fully understood. */
const widest = {
  service: { kind: 'nothing' },
  bucket: { kind: 'bucket' },
  object: { kind: 'key' },
} as const satisfies Record<OperationScope, Invalidation>

/** A parameter the query must have; `value` undefined for any or none, `*` for any but an empty one. */
interface RuleParameter {
  readonly name: string
  readonly value: string | undefined
}

/** A row with its parts ready to compare and its answers ready to hand out. */
interface Rule {
  readonly parameters: readonly RuleParameter[]
  readonly header: { readonly name: string; readonly start: string } | undefined
  readonly operation: Operation
  /** The answer when the query holds parameters the row does not know. */
  readonly inDoubt: Operation
}

const rules: ReadonlyMap<string, readonly Rule[]> = compile(operationTable)

/**
 * Recognises the S3 operation of a request. What is not understood errs on the safe side: an unknown method or a
 * parameter that does not belong to the operation makes it a write of the whole key or bucket.
 */
export function classifyOperation(input: OperationInput): Operation {
  const { method, scope, query } = input
  if (scope === 'object') {
    if (method === 'HEAD') return headObject
    if (method === 'GET' && query.length === 0) return getObject
  }
  for (const rule of rules.get(`${method} ${scope}`) ?? []) {
    if (!fits(rule, input)) continue
    if (rule.inDoubt === rule.operation) return rule.operation
    return query.every((given) => belongs(given, rule)) ? rule.operation : rule.inDoubt
  }
  if (scope === 'service' || safeMethods.has(method)) return unknownForward
  return { kind: 'write', name: 'Unknown', invalidates: widest[scope] }
}

function fits(rule: Rule, input: OperationInput): boolean {
  for (const parameter of rule.parameters) {
    if (!hasParameter(input.query, parameter)) return false
  }
  return rule.header === undefined || hasHeader(input, rule.header.name, rule.header.start)
}

function hasParameter(query: readonly QueryParameter[], wanted: RuleParameter): boolean {
  for (const { name, value } of query) {
    if (name !== wanted.name) continue
    if (wanted.value === undefined || wanted.value === value || (wanted.value === '*' && value)) return true
  }
  return false
}

/** Presigned URLs may carry an `x-amz-…` header as a parameter instead. */
function hasHeader(input: OperationInput, name: string, start: string): boolean {
  const value =
    headerValue(input.headers, name) ??
    input.query.find((given) => given.name.length === name.length && given.name.toLowerCase() === name)?.value
  return value?.trimStart().toLowerCase().startsWith(start) ?? false
}

/** Whether a parameter is one the row asks for, or says nothing about the operation (a signature, a hoisted header). */
function belongs(given: QueryParameter, rule: Rule): boolean {
  return (
    rule.parameters.some(({ name }) => name === given.name) || isAmzName(given.name) || isNoiseParameter(given.name)
  )
}

function compile(table: readonly (OperationRow & { readonly name: OperationName })[]): Map<string, Rule[]> {
  const compiled = new Map<string, Rule[]>()
  for (const row of table) {
    const scope = row.on.slice(row.on.indexOf(' ') + 1) as OperationScope
    const operation = operationOf(row.name, row.effect)
    const isWrite = !safeMethods.has(row.on.slice(0, row.on.indexOf(' ')))
    const narrow = row.effect !== 'key' && row.effect !== 'key-and-source' && row.effect !== 'bucket'
    const rule: Rule = {
      parameters: (row.when ?? []).map((text) => {
        const [name = '', value] = text.split('=')
        return { name, value }
      }),
      header: headerOf(row.header),
      operation,
      inDoubt: isWrite && narrow ? { kind: 'write', name: row.name, invalidates: widest[scope] } : operation,
    }
    const others = compiled.get(row.on)
    if (others === undefined) compiled.set(row.on, [rule])
    else others.push(rule)
  }
  return compiled
}

function headerOf(text: string | undefined): Rule['header'] {
  if (text === undefined) return undefined
  const [name = '', start = ''] = text.split(': ')
  return { name, start }
}

function operationOf(name: OperationName, effect: Effect): Operation {
  if (effect === 'read') return name === 'HeadObject' ? headObject : getObject
  return effect === 'forward' ? { kind: 'forward', name } : { kind: 'write', name, invalidates: { kind: effect } }
}
