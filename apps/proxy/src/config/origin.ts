/** Where a value came from: the layer and the place in it. */
export type ValueOrigin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'flag'; readonly flag: string }

/** `origin` for people: `default`, `s3proxy.yaml:12:3`, `env S3PROXY_CACHE_DIR`, `flag --port`. */
export function formatOrigin(origin: ValueOrigin): string {
  switch (origin.kind) {
    case 'default':
      return 'default'
    case 'file':
      return `${origin.file}:${origin.line}:${origin.column}`
    case 'environment':
      return `env ${origin.name}`
    case 'flag':
      return `flag ${origin.flag}`
  }
}
