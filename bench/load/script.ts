/** What a wrk script is to do. */
export interface ScriptOptions {
  /** Flat name-value pairs, sent with each request. */
  readonly headers: readonly string[]
  /** The path, or a function of the number of the request. */
  readonly path:
    | { readonly kind: 'same'; readonly path: string }
    | { readonly kind: 'unique'; readonly before: string; readonly after: string }
  /** Milliseconds each connection waits between requests, on average; 0: none. */
  readonly thinkMs: number
}

/** A Lua script for wrk. */
export function writeScript({ headers, path, thinkMs }: ScriptOptions): string {
  const fields: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) fields.push(`[${quote(headers[i])}] = ${quote(headers[i + 1])}`)
  const target = path.kind === 'same' ? quote(path.path) : `${quote(path.before)} .. n .. ${quote(path.after)}`
  const wait = thinkMs === 0 ? '' : `function delay() return math.random(1, ${2 * Math.round(thinkMs) - 1}) end\n`
  return `local headers = { ${fields.join(', ')} }
local n = 0
function request()
  n = n + 1
  return wrk.format("GET", ${target}, headers)
end
${wait}`
}

function quote(text = ''): string {
  return `"${text.replaceAll(/[^\w /=:;,.+*-]/g, (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`)}"`
}
