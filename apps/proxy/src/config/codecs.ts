import { isIP } from 'node:net'
import { z } from 'zod'
import { formatHostPort, isHostname, parseHostPort } from './host-port.ts'
import { nearest } from './nearest.ts'
import { malformed, type Reading, read } from './reading.ts'
import { showValue } from './show-value.ts'
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts'

/** The schema whose values `parse` reads. */
export function codec<T>(parse: (raw: unknown) => Reading<T>): z.ZodType<T> {
  return z.unknown().transform((raw, context): T => {
    const reading = parse(raw)
    if (reading.kind === 'value') return reading.value
    context.addIssue({ code: 'custom', message: reading.message })
    return z.NEVER
  })
}

/** Smallest and largest allowed value, both included. */
export interface Bounds {
  readonly min: number
  readonly max: number
}

/** A whole number, written as a number or as digits. */
export function integer({ min, max }: Bounds): z.ZodType<number> {
  return codec((raw) => {
    const value = typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : raw
    return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? read(value)
      : malformed(`${showValue(raw)} is not a whole number from ${min} to ${max}`)
  })
}

/** A TCP port; 0 takes a free one. */
export function port(): z.ZodType<number> {
  return integer({ min: 0, max: 65_535 })
}

/** A duration, in milliseconds. */
export function duration(bounds: Bounds): z.ZodType<number> {
  return codec((raw) => within(parseDuration(raw), bounds, formatDuration))
}

/** 0, which stands for never or none, or what `schema` takes. */
export function zeroOr(schema: z.ZodType<number>): z.ZodType<number> {
  return codec((raw) => {
    if (raw === 0 || raw === '0') return read(0)
    const result = schema.safeParse(raw)
    return result.success ? read(result.data) : malformed(`${result.error.issues[0]?.message}; 0 turns it off`)
  })
}

/** A size, in bytes. */
export function size(bounds: Bounds): z.ZodType<number> {
  return codec((raw) => within(parseSize(raw), bounds, formatSize))
}

function within(reading: Reading<number>, { min, max }: Bounds, format: (value: number) => string): Reading<number> {
  if (reading.kind === 'malformed' || (reading.value >= min && reading.value <= max)) return reading
  return malformed(`${format(reading.value)} is not between ${format(min)} and ${format(max)}`)
}

/** `true` or `false`. */
export function flag(): z.ZodType<boolean> {
  return codec((raw) => {
    if (raw === true || raw === 'true') return read(true)
    if (raw === false || raw === 'false') return read(false)
    return malformed(`${showValue(raw)} is neither true nor false`)
  })
}

/** One of some words. `unavailable` names those that a later version will take. */
export function oneOf<const W extends string>(words: readonly W[], unavailable: readonly string[] = []): z.ZodType<W> {
  return codec((raw) => {
    const word = words.find((candidate) => candidate === raw)
    if (word !== undefined) return read(word)
    if (typeof raw === 'string' && unavailable.includes(raw)) {
      return malformed(`${showValue(raw)} is not available in this version; write ${words.join(' or ')}`)
    }
    const near = typeof raw === 'string' ? nearest(raw, words) : undefined
    const hint = near === undefined ? '' : `; did you mean ${near}?`
    return malformed(`${showValue(raw)} is not one of ${words.join(', ')}${hint}`)
  })
}

/** Text that is not empty, at most 4096 characters, without NUL. */
export function text(): z.ZodType<string> {
  return codec((raw) => {
    if (typeof raw !== 'string') return malformed(`${showValue(raw)} is not text`)
    if (raw === '') return malformed('must not be empty')
    return raw.length > 4096 || raw.includes('\0') ? malformed('is too long or holds a NUL') : read(raw)
  })
}

/** `schema`, or nothing where `null` is written. */
export function nullable<T>(schema: z.ZodType<T>): z.ZodType<T | undefined> {
  return codec((raw) => {
    if (raw === null) return read(undefined)
    const result = schema.safeParse(raw)
    return result.success ? read(result.data) : malformed(`${result.error.issues[0]?.message}; write null for none`)
  })
}

/** The path of an HTTP endpoint: starts with `/`, plain characters, no query, does not end with `/`. */
export function httpPath(): z.ZodType<string> {
  return codec((raw) =>
    typeof raw === 'string' && /^(?:\/[A-Za-z0-9._~-]+)+$/.test(raw) && raw.length <= 128
      ? read(raw)
      : malformed(`${showValue(raw)} is not a path such as /health`),
  )
}

/** An address to listen on: an IP address without brackets or a host name. */
export function bindAddress(): z.ZodType<string> {
  return codec((raw) =>
    typeof raw === 'string' && (isIP(raw) !== 0 || isHostname(raw))
      ? read(raw)
      : malformed(`${showValue(raw)} is not an IP address such as "::", 0.0.0.0 or 127.0.0.1 (no brackets, no port)`),
  )
}

/** An IP address with an optional port: `10.0.0.1`, `10.0.0.1:8443`, `[::1]:8443`. Kept as written, lower case. */
export function ipAndPort(): z.ZodType<string> {
  return codec((raw) => {
    const reading = typeof raw === 'string' ? parseHostPort(raw) : malformed('')
    return reading.kind === 'value' && isIP(reading.value.host) !== 0
      ? read((raw as string).toLowerCase())
      : malformed(`${showValue(raw)} is not an IP address with an optional :port`)
  })
}

/** A host name or IP address with an optional port, in lower case; IPv6 in brackets. */
export function hostAndPort(): z.ZodType<string> {
  return codec((raw) => {
    const reading = typeof raw === 'string' ? parseHostPort(raw) : malformed(`${showValue(raw)} is not text`)
    return reading.kind === 'value' ? read(formatHostPort(reading.value)) : reading
  })
}

/** A list of at most `max` items; `example` completes the message when it is none. */
export function list<T>(item: z.ZodType<T>, { min, max }: Bounds, example: string): z.ZodType<readonly T[]> {
  return z
    .array(item, { error: `is not a list such as ${example}` })
    .min(min, { error: `must hold at least ${min} item${min === 1 ? '' : 's'}` })
    .max(max, { error: `must hold at most ${max} items` })
}
