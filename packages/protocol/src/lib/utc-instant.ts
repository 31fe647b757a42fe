const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** 400 years have always as many days, and `Date.UTC` takes years before 100 for those of the 1900s. */
const cycleYears = 400
const cycleMs = 146_097 * 86_400_000

/**
 * A calendar date and time in UTC as milliseconds since the epoch; undefined if it does not exist (30 February, hour
 * 24). `year` from 0, `month` from 0 for January. Second 60 is a leap second and becomes the first of the next minute.
 */
export function utcInstant(
  year: number,
  month: number,
  day: number,
  hours: number,
  minutes: number,
  seconds: number,
): number | undefined {
  const days = month === 1 && isLeapYear(year) ? 29 : daysOfMonth[month]
  if (days === undefined || !(day >= 1 && day <= days)) return undefined
  if (!(hours <= 23 && minutes <= 59 && seconds <= 60)) return undefined
  const ms = Date.UTC(year + cycleYears, month, day, hours, minutes, seconds) - cycleMs
  return Number.isNaN(ms) ? undefined : ms
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}
