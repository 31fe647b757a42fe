/**
 * A calendar date and time in UTC as milliseconds since the epoch; undefined if it does not exist (30 February, hour
 * 24). `month` counts from 0. Second 60 is a leap second and becomes the first of the next minute.
 */
export function utcInstant(
  year: number,
  month: number,
  day: number,
  hours: number,
  minutes: number,
  seconds: number,
): number | undefined {
  if (month < 0 || hours > 23 || minutes > 59 || seconds > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined
  return date.setUTCHours(hours, minutes, seconds)
}
