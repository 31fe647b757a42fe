const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Bytes for people, at most six characters and a unit: `0 B`, `1.5 KiB`, `812 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** How long ago `time` was, in the largest unit that fits: `12s`, `3h`, `9d`; `never` for 0. */
export function formatAge(time: number, now: number): string {
  if (time <= 0) return 'never'
  const seconds = Math.max(0, Math.floor((now - time) / 1000))
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

/** A share of the whole; never rounded up to 100 %. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0 || part >= whole) return '100%'
  return `${Math.min(99, Math.round((part / whole) * 100))}%`
}

/** `count` of something: `1 object`, `12 objects`. */
export function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}

/** An ISO time, or `never` for 0. */
export function formatTime(time: number): string {
  return time <= 0 ? 'never' : new Date(time).toISOString()
}
