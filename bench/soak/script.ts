import { bucket } from '../lib/object-name.ts'

/** The objects of a mixed load: sizes in bytes with their share of all objects, summing up to 1. */
export const mix: readonly { readonly sizeBytes: number; readonly share: number }[] = [
  { sizeBytes: 4 << 10, share: 0.7 },
  { sizeBytes: 64 << 10, share: 0.2 },
  { sizeBytes: 1 << 20, share: 0.08 },
  { sizeBytes: 8 << 20, share: 0.02 },
]

/** What a mixed load asks for. */
export interface MixedLoad {
  readonly objects: number
  /** Flat name-value pairs, sent with each request. */
  readonly headers: readonly string[]
  /** Average wait of a connection between its requests. */
  readonly thinkMs: number
  readonly seed: number
}

/**
 * A Lua script for wrk: objects of mixed sizes, a few of them asked for most of the time (the rank grows with the cube of a
 * uniform number, near Zipf's law), one request in ten for a range.
 */
export function writeMixedScript({ objects, headers, thinkMs, seed }: MixedLoad): string {
  const fields: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) fields.push(`[ [[${headers[i]}]] ] = [[${headers[i + 1]}]]`)
  let upTo = 0
  const sizes = mix.map(({ sizeBytes, share }) => {
    upTo += share * 100
    return `if r < ${Math.round(upTo)} then return ${sizeBytes} end`
  })
  return `math.randomseed(${seed})
local plain = { ${fields.join(', ')} }
local ranged = { ${fields.join(', ')}, ["Range"] = "bytes=1024-3071" }
local function size_of(id)
  local r = (id * 7919) % 100
  ${sizes.join('\n  ')}
end
function request()
  local id = math.floor(${objects} * math.random() ^ 3)
  local headers = plain
  if math.random(10) == 1 then headers = ranged end
  return wrk.format("GET", string.format("/${bucket}/mix-%d/%d-0-0", id, size_of(id)), headers)
end
function delay() return math.random(1, ${2 * Math.max(1, Math.round(thinkMs)) - 1}) end
`
}
