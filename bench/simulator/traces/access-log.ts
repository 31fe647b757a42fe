import { type LineParser, parseSize } from './line-format.ts'

/**
 * A line of the S3 server access log, which is also this proxy's: owner, bucket, [time], address, requester, request, operation,
 * key, "request line", status, error, bytes sent, object size. A text in quotes has `\"` or nothing for its own quotes.
 */
const pattern =
  /^\S+ (\S+) \[[^\]]*\] \S+ \S+ \S+ (\S+) (\S+) (?:"(?:[^"\\]|\\.)*"|-) (\d{3}|-) \S+ (\d+|-) (\d+|-)(?: |$)/

/** Reads of objects that succeeded. The size is that of the object, or what was sent if the log does not say. */
export const parseAccessLogLine: LineParser = (line, take) => {
  if (line.trim() === '') return 'ignored'
  const match = pattern.exec(line)
  if (match === null) return 'malformed'
  const [, bucket = '', operation, key, status, sent, objectSize] = match
  if (operation !== 'REST.GET.OBJECT' || (status !== '200' && status !== '206')) return 'ignored'
  const size = parseSize(objectSize === '-' ? sent : objectSize)
  if (size === undefined) return 'ignored'
  take(`${bucket}/${key}`, size)
  return 'taken'
}
