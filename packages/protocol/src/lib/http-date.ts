import { utcInstant } from './utc-instant.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const imfFixdate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/
const rfc850 = /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/
const asctime = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/

/**
 * Reads an HTTP date in any of its three forms (RFC 9110 section 5.6.7), as milliseconds since the epoch; undefined if
 * it is none, or names a day that does not exist. The weekday is not compared with the date. A two-digit year from 70
 * on is of the 1900s, a smaller one of the 2000s, so that the result depends on the text alone.
 */
export function parseHttpDate(value: string): number | undefined {
  let match = imfFixdate.exec(value)
  if (match !== null) return instant(match[3], match[2], match[1], match[4], match[5], match[6])
  match = rfc850.exec(value)
  if (match !== null) {
    const year = `${Number(match[3]) >= 70 ? 19 : 20}${match[3]}`
    return instant(year, match[2], match[1], match[4], match[5], match[6])
  }
  match = asctime.exec(value)
  return match === null ? undefined : instant(match[6], match[1], match[2], match[3], match[4], match[5])
}

/** `ms` since the epoch as an IMF-fixdate, cut down to the second. For years 0 to 9999. */
export function formatHttpDate(ms: number): string {
  return new Date(ms).toUTCString()
}

type Digits = string | undefined

function instant(y: Digits, m: Digits, d: Digits, hh: Digits, mm: Digits, ss: Digits): number | undefined {
  return utcInstant(Number(y), months.indexOf(m ?? ''), Number(d), Number(hh), Number(mm), Number(ss))
}
