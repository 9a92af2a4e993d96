const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const DAY_MS = 86_400_000

const IMF_FIXDATE =
  /^(?:mon|tue|wed|thu|fri|sat|sun), (\d\d) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) gmt$/
const RFC_850 =
  /^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (\d\d)-([a-z]{3})-(\d\d) (\d\d):(\d\d):(\d\d) gmt$/
const ASCTIME =
  /^(?:mon|tue|wed|thu|fri|sat|sun) ([a-z]{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/

/**
 * Reads any of the three forms of a date (RFC 9110 §5.6.7) without case (RFC 9111 §4.2) to ms since 1970. A zone other
 * than GMT, a day that no month has and anything else is `undefined`. `nowMs` places the two digits of a year: a moment
 * that seems to lie more than 50 years ahead is of the century before.
 */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  const plain = text.trim().toLowerCase()
  const imf = IMF_FIXDATE.exec(plain)
  if (imf) {
    const [, day, month, year, hour, minute, second] = imf
    return toMs([year, month, day], [hour, minute, second])
  }
  const asctime = ASCTIME.exec(plain)
  if (asctime) {
    const [, month, day, hour, minute, second, year] = asctime
    return toMs([year, month, day], [hour, minute, second])
  }
  const old = RFC_850.exec(plain)
  if (!old) return undefined
  const [, day, month, year, hour, minute, second] = old
  const century = Math.floor(yearOf(nowMs) / 100) * 100
  const inCentury = (shift: number) =>
    toMs([String(century + shift + Number(year)), month, day], [hour, minute, second])
  return (
    [100, 0].map(inCentury).find((ms) => ms !== undefined && ms <= inFiftyYears(nowMs)) ??
    inCentury(-100)
  )
}

/** The preferred form of a date: "Sun, 06 Nov 1994 08:49:37 GMT". Parts of a second are cut. */
export function formatHttpDate(ms: number): string {
  const days = Math.floor(ms / DAY_MS)
  const { year, month, day } = toCivil(days)
  const seconds = Math.floor((ms - days * DAY_MS) / 1000)
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => pad(part, 2))
  const name = MONTHS[month - 1] ?? ''
  const weekday = DAYS[((days % 7) + 7) % 7]
  const date = `${pad(day, 2)} ${name.charAt(0).toUpperCase()}${name.slice(1)} ${pad(year, 4)}`
  return `${weekday}, ${date} ${clock.join(':')} GMT`
}

type Text = string | undefined

function toMs(
  [year, month, day]: readonly [Text, Text, Text],
  clock: readonly [Text, Text, Text],
): number | undefined {
  const [hour = 0, minute = 0, second = 0] = clock.map(Number)
  const at = MONTHS.indexOf(month ?? '') + 1
  const days = toDays(Number(year), at, Number(day))
  const civil = toCivil(days)
  if (at === 0 || civil.day !== Number(day) || civil.month !== at) return undefined
  // A leap second is 60 (RFC 9110 §5.6.7); this clock has none, so that it is the second after.
  if (hour > 23 || minute > 59 || second > 60) return undefined
  return days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000
}

function yearOf(ms: number): number {
  return toCivil(Math.floor(ms / DAY_MS)).year
}

function inFiftyYears(nowMs: number): number {
  const days = Math.floor(nowMs / DAY_MS)
  const { year, month, day } = toCivil(days)
  return toDays(year + 50, month, day) * DAY_MS + (nowMs - days * DAY_MS)
}

/** Days since 1970 of a date of the Gregorian calendar, by the count of 400 years that begin in March. */
function toDays(year: number, month: number, day: number): number {
  const from = month <= 2 ? year - 1 : year
  const era = Math.floor(from / 400)
  const yearOfEra = from - era * 400
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The reverse of `toDays`. */
function toCivil(days: number): {
  readonly year: number
  readonly month: number
  readonly day: number
} {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const leaps =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365)
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

function pad(value: number, digits: number): string {
  return String(Math.floor(value)).padStart(digits, '0')
}
