import { nearest } from '../nearest.ts'
import type { ValueOrigin } from '../origin.ts'
import type { ConfigProblem } from '../problem.ts'
import { knownPaths, sectionNames } from '../schema.ts'

/** The problem of a path that is no key: a section where a value belongs, or a name that does not exist. */
export function unknownKey(path: string, origin: ValueOrigin): ConfigProblem {
  const inside = sectionNames.get(path)
  if (inside !== undefined && path !== '') {
    return { origin, path, message: `is a section; set one of its keys: ${[...inside].join(', ')}` }
  }
  const near = nearestPath(path)
  return { origin, path, message: 'unknown key', ...(near === undefined ? {} : { nearest: near }) }
}

/** A key or section with a similar name beside it, else the key with the most similar path, else one of that name. */
function nearestPath(path: string): string | undefined {
  const dot = path.lastIndexOf('.')
  const [parent, name] = dot < 0 ? ['', path] : [path.slice(0, dot), path.slice(dot + 1)]
  const sibling = nearest(name, sectionNames.get(parent) ?? [])
  if (sibling !== undefined) return parent === '' ? sibling : `${parent}.${sibling}`
  return nearest(path, knownPaths) ?? knownPaths.find((known) => known.endsWith(`.${name}`)) ?? similarWords(path)
}

/** The key that is made of the same words: `http_port` and `server.http.port`. */
function similarWords(path: string): string | undefined {
  const words = new Set(path.toLowerCase().split(/[._]/))
  return knownPaths.find((known) => {
    const parts = known.split(/[._]/)
    return [...words].every((word) => parts.includes(word))
  })
}
