import type { Failback, WeeklyWindow } from '../../schema/ramp.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** What the first day of the epoch was: Thursday, 1 January 1970. */
const FIRST_WEEKDAY = 3

/** Whether something that has recovered may come back, and otherwise what it waits for. */
export type Permission =
  | { readonly type: 'now' }
  /** `atMs` is absent where no time alone will allow it. */
  | { readonly type: 'later'; readonly words: string; readonly atMs?: number }

/** Asks the policy, for something that has been well for `wellMs`. */
export function askFailback(failback: Failback, wellMs: number, nowMs: number): Permission {
  const { mode, delay, windows } = failback
  if (wellMs < delay) {
    const words = `well for ${seconds(wellMs)} of ${seconds(delay)}`
    return { type: 'later', words, atMs: nowMs + delay - wellMs }
  }
  switch (mode) {
    case 'auto':
      return { type: 'now' }
    case 'manual':
      return { type: 'later', words: 'well, and waits for an operator: failback is manual' }
    case 'window': {
      const atMs = nextOpeningMs(windows, nowMs)
      if (atMs <= nowMs) return { type: 'now' }
      return { type: 'later', words: `well, and waits for the window of ${timeOf(atMs)}`, atMs }
    }
  }
}

/**
 * When one of the windows is open next, in milliseconds since the epoch: now, if one is. A window belongs to
 * the day on which it begins; one whose ends are the same lasts a whole day. Infinite without windows.
 */
export function nextOpeningMs(windows: readonly WeeklyWindow[], nowMs: number): number {
  let nearestMs = Infinity
  const today = Math.floor(nowMs / DAY_MS)
  for (const { days, from, to } of windows) {
    const fromMs = timeOfDayMs(from)
    const toMs = timeOfDayMs(to)
    const lengthMs = toMs > fromMs ? toMs - fromMs : toMs - fromMs + DAY_MS
    // Yesterday's may still be open; today's may be over, so that the same day of next week counts.
    for (let day = today - 1; day <= today + DAYS.length; day += 1) {
      const beginMs = day * DAY_MS + fromMs
      const isOver = beginMs + lengthMs <= nowMs
      if (isOver || !days.includes(weekdayOf(day))) continue
      nearestMs = Math.min(nearestMs, Math.max(beginMs, nowMs))
    }
  }
  return nearestMs
}

/** A moment as an operator reads it: "sun 22:30 UTC". */
export function timeOf(atMs: number): string {
  const day = Math.floor(atMs / DAY_MS)
  const minutes = Math.floor((atMs - day * DAY_MS) / MINUTE_MS)
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60]
  return `${weekdayOf(day)} ${twoDigits(hour)}:${twoDigits(minute)} UTC`
}

/** A length of time in whole seconds: "118 s". Rounded up, so that nothing that is left is 0. */
export function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`
}

function weekdayOf(day: number): (typeof DAYS)[number] {
  const at = (((day + FIRST_WEEKDAY) % 7) + 7) % 7
  return DAYS[at] ?? 'mon'
}

function timeOfDayMs(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number)
  return (hours * 60 + minutes) * MINUTE_MS
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
