import { type LineParser, parseSize } from './line-format.ts'

/** A line of Squid's native access log: time, elapsed, client, code/status, bytes, method, URL. Only GETs that succeeded count. */
export const parseSquidLine: LineParser = (line, take) => {
  if (line.trim() === '') return 'ignored'
  const [time, elapsed, , result, bytes, method, url] = line.trim().split(/\s+/)
  const size = parseSize(bytes)
  if (!/^\d+(\.\d+)?$/.test(time ?? '') || elapsed === undefined || size === undefined || url === undefined) {
    return 'malformed'
  }
  if (method !== 'GET' || !/\/20[06]$/.test(result ?? '')) return 'ignored'
  take(url, size)
  return 'taken'
}
