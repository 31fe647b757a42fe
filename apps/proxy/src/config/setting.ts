import type { z } from 'zod'

/**
 * How a value is written where there is only text (environment, flags): `text` as it is, `path` likewise and resolved
 * against the working directory, `list` as `a,b` or `[a, b]`, `map` as `{a: b}`.
 */
export type SettingForm = 'text' | 'path' | 'list' | 'map'

/** One key of the configuration. */
export interface Setting<T> {
  readonly kind: 'setting'
  readonly form: SettingForm
  readonly schema: z.ZodType<T>
  /** The default, as it would stand in the file. */
  readonly fallback: unknown
  /** For a value of mappings: the keys known at a place inside it (names and numbers of entries), for suggestions. */
  readonly keysAt: (inside: readonly PropertyKey[]) => readonly string[]
  /** Whether a change takes effect while the proxy runs; the others need a restart. */
  readonly live: boolean
}

/** A key, or keys that belong together. */
export type SettingNode = Setting<unknown> | AnySection

/** Any section, its entries not known to the compiler. */
export interface AnySection {
  readonly kind: 'section'
  readonly entries: Readonly<Record<string, SettingNode>>
}

/** Keys that belong together. */
export interface Section<E extends AnySection['entries']> extends AnySection {
  readonly entries: E
}

/** The checked values of a section, in its own shape and spelling. */
export type ValuesOf<N> =
  N extends Setting<infer T> ? T : N extends Section<infer E> ? { readonly [K in keyof E]: ValuesOf<E[K]> } : never

/** Makes a {@link Setting}. `form` defaults to `text`, `live` to false. */
export function setting<T>(options: {
  readonly schema: z.ZodType<T>
  readonly fallback: unknown
  readonly form?: SettingForm
  readonly keysAt?: Setting<T>['keysAt']
  readonly live?: boolean
}): Setting<T> {
  return { kind: 'setting', form: 'text', keysAt: () => [], live: false, ...options }
}

/** Makes a {@link Section}. */
export function section<E extends AnySection['entries']>(entries: E): Section<E> {
  return { kind: 'section', entries }
}

/** Every setting below `root` by its dotted path, in the order of the schema. */
export function flattenSettings(root: AnySection): ReadonlyMap<string, Setting<unknown>> {
  const flat = new Map<string, Setting<unknown>>()
  const visit = (node: SettingNode, path: string): void => {
    if (node.kind === 'setting') {
      flat.set(path, node)
      return
    }
    for (const [name, child] of Object.entries(node.entries)) visit(child, path === '' ? name : `${path}.${name}`)
  }
  visit(root, '')
  return flat
}

/** `values` (by dotted path) in the shape of `root`. Every setting must be there. */
export function nestValues<S extends AnySection>(root: S, values: ReadonlyMap<string, unknown>): ValuesOf<S> {
  const build = (node: SettingNode, path: string): unknown =>
    node.kind === 'setting'
      ? values.get(path)
      : Object.fromEntries(
          Object.entries(node.entries).map(([name, child]) => [
            name,
            build(child, path === '' ? name : `${path}.${name}`),
          ]),
        )
  return build(root, '') as ValuesOf<S>
}
