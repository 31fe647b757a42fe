import { join } from 'node:path'

/** Where a line of the access log goes: `{directory}/YYYY/MM/DD/{YYYY-MM-DD-HH-MM-SS}-{host}`, in UTC. */
export function accessLogPath(directory: string, host: string, startedAt: number): string {
  const stamp = new Date(startedAt).toISOString().slice(0, 19).replace(/[T:]/g, '-')
  const [year = '', month = '', day = ''] = stamp.split('-')
  return join(directory, year, month, day, `${stamp}-${host}`)
}

/** The start of the interval that `now` lies in; intervals are counted from midnight UTC and end with the day. */
export function intervalStart(now: number, rotationMs: number): number {
  const midnight = Math.floor(now / dayMs) * dayMs
  return midnight + Math.floor((now - midnight) / rotationMs) * rotationMs
}

/** The start of the interval that the file `name` of `host` is for; undefined for anything else. */
export function parseAccessLogName(name: string, host: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(.+)$/.exec(name)
  if (match === null || match[7] !== host) return undefined
  const [, year, month, day, hour, minute, second] = match
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(at) ? undefined : at
}

/** `name` of a machine as a part of file names. */
export function fileNamePart(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 128) || 'host'
}

const dayMs = 86_400_000
