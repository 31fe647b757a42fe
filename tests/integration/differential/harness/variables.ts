import { headerValue, parseHttpDate } from '@s3proxy/protocol'
import type { Probe } from './probe.ts'
import { tell } from './store-client.ts'
import type { World } from './world.ts'

/** What `{name}` stands for in the targets and headers of probes. */
export interface Variables {
  /** Gives `{name}` a value in every probe. */
  set(name: string, value: string): void
  /** The values for a probe: those set, and `etag` and dates of its object. */
  of(world: World, probe: Probe): Promise<ReadonlyMap<string, string>>
}

/** Makes an empty set of variables. */
export function createVariables(): Variables {
  const all = new Map<string, string>()
  const ofObject = new Map<string, ReadonlyMap<string, string>>()
  return {
    set(name, value) {
      all.set(name, value)
    },
    async of(world, probe) {
      if (!uses(probe, /\{(?:etag|opaque|date)/)) return all
      const path = probe.target.split('?')[0] ?? ''
      let known = ofObject.get(path)
      if (known === undefined) {
        known = new Map([...all, ...(await validators(world, path))])
        ofObject.set(path, known)
      }
      return known
    },
  }
}

async function validators(world: World, target: string): Promise<readonly (readonly [string, string])[]> {
  const { headers } = await tell(world, { method: 'HEAD', target })
  const etag = headerValue(headers, 'etag') ?? ''
  const date = headerValue(headers, 'last-modified') ?? ''
  const ms = parseHttpDate(date) ?? 0
  const [, day = '', month = '', year = '', time = ''] = /^\w+, (\d\d) (\w+) (\d+) (\S+) GMT$/.exec(date) ?? []
  const weekday = new Date(ms).toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' })
  return [
    ['etag', etag],
    ['opaque', etag.slice(1, -1)],
    ['date', date],
    ['date-1', new Date(ms - 1000).toUTCString()],
    ['date+1', new Date(ms + 1000).toUTCString()],
    ['date-rfc850', `${weekday}, ${day}-${month}-${year.slice(2)} ${time} GMT`],
    ['date-asctime', `${weekday.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`],
  ]
}

function uses({ target, canonical = '', headers = [] }: Probe, pattern: RegExp): boolean {
  return [target, canonical, ...headers].some((text) => pattern.test(text))
}

/** A probe with its variables replaced. Throws for one without a value. */
export function fillIn<T extends Probe>(probe: T, values: ReadonlyMap<string, string>): T {
  const fill = (text: string): string =>
    text.replaceAll(/\{([a-z][\w+-]*)\}/g, (_all, name: string) => {
      const value = values.get(name)
      if (value === undefined) throw new Error(`{${name}} has no value`)
      return value
    })
  const { canonical } = probe
  return {
    ...probe,
    target: fill(probe.target),
    ...(canonical === undefined ? {} : { canonical: fill(canonical) }),
    ...(probe.headers === undefined ? {} : { headers: probe.headers.map(fill) }),
  }
}
