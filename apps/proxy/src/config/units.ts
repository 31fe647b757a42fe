import { malformed, type Reading, read } from './reading.ts'
import { showValue } from './show-value.ts'

const second = 1000
const day = 24 * 60 * 60 * second

/** Milliseconds per unit; a year is 365 days. */
const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: second,
  m: 60 * second,
  h: 60 * 60 * second,
  d: day,
  y: 365 * day,
}

/** Bytes per unit: powers of 1024 with an `i`, powers of 1000 without. */
const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
}

/**
 * Milliseconds of a duration such as `250ms`, `30s`, `5m`, `1h`, `7d`, `10y` or `1.5h`; `0` needs no unit. The result
 * is a whole number.
 */
export function parseDuration(raw: unknown): Reading<number> {
  if (raw === 0 || raw === '0') return read(0)
  if (typeof raw === 'number') {
    return malformed(`${raw} has no unit; write a duration such as 250ms, 30s, 5m, 1h, 7d or 10y`)
  }
  return parseQuantity(raw, durationUnits, 'a duration such as 250ms, 30s, 5m, 1h, 7d or 10y')
}

/**
 * Bytes of a size such as `64KiB`, `512MiB`, `10GiB`, `2TiB` (powers of 1024), `10GB` (powers of 1000) or a plain
 * number of bytes. The result is a whole number.
 */
export function parseSize(raw: unknown): Reading<number> {
  if (typeof raw === 'number' || (typeof raw === 'string' && /^\d{1,16}$/.test(raw))) {
    const bytes = Number(raw)
    return Number.isSafeInteger(bytes) && bytes >= 0
      ? read(bytes)
      : malformed(`${showValue(raw)} is not a whole number of bytes`)
  }
  return parseQuantity(raw, sizeUnits, 'a size such as 64KiB, 512MiB or 10GiB')
}

function parseQuantity(raw: unknown, units: Readonly<Record<string, number>>, expected: string): Reading<number> {
  const match = typeof raw === 'string' ? /^(\d{1,16}(?:\.\d{1,6})?)([A-Za-z]{1,3})$/.exec(raw.trim()) : null
  const unit = match?.[2] === undefined || !Object.hasOwn(units, match[2]) ? undefined : units[match[2]]
  if (match === null || unit === undefined) return malformed(`${showValue(raw)} is not ${expected}`)
  const value = Math.round(Number(match[1]) * unit)
  return Number.isSafeInteger(value) ? read(value) : malformed(`${showValue(raw)} is too large`)
}

/** `ms` in the largest unit that gives a whole number: `30s`, `90s`, `10y`. */
export function formatDuration(ms: number): string {
  return formatQuantity(ms, durationUnits, ['y', 'd', 'h', 'm', 's', 'ms'])
}

/** `bytes` in the largest power of 1024 that gives a whole number: `512MiB`. */
export function formatSize(bytes: number): string {
  return formatQuantity(bytes, sizeUnits, ['TiB', 'GiB', 'MiB', 'KiB', 'B'])
}

function formatQuantity(value: number, units: Readonly<Record<string, number>>, order: readonly string[]): string {
  if (value === 0) return '0'
  for (const name of order) {
    const unit = units[name] as number
    if (value % unit === 0) return `${value / unit}${name}`
  }
  return String(value)
}
