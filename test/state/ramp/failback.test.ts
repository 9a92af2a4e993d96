import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WeeklyWindow } from '../../../src/schema/ramp.ts'
import { nextOpeningMs, timeOf } from '../../../src/state/ramp/failback.ts'

const MINUTE = 60_000
const WEEK = 7 * 24 * 60 * MINUTE

const night = WeeklyWindow.parse({ days: ['mon'], from: '22:30', to: '04:00' })

function at(text: string): number {
  return Date.parse(`${text}Z`)
}

function opening(now: string, windows: readonly WeeklyWindow[] = [night]): string {
  return new Date(nextOpeningMs(windows, at(now))).toISOString().slice(0, 19)
}

describe('a weekly window', () => {
  it.each([
    ['2026-11-23T22:29:59', '2026-11-23T22:30:00'],
    ['2026-11-23T22:30:00', '2026-11-23T22:30:00'],
    // After midnight it is still Monday's window.
    ['2026-11-24T03:59:59', '2026-11-24T03:59:59'],
    ['2026-11-24T04:00:00', '2026-11-30T22:30:00'],
    ['2026-11-23T03:00:00', '2026-11-23T22:30:00'],
    // A leap day and a turn of the year.
    ['2028-02-28T23:00:00', '2028-02-28T23:00:00'],
    ['2028-02-29T05:00:00', '2028-03-06T22:30:00'],
    ['2029-12-31T23:59:59', '2029-12-31T23:59:59'],
    // Before the epoch, for a clock that was never set.
    ['1969-12-31T12:00:00', '1970-01-05T22:30:00'],
  ])('at %s opens at %s', (now, expected) => {
    expect(opening(now)).toBe(expected)
  })

  it('opens with the first of several', () => {
    const noon = WeeklyWindow.parse({ from: '12:00', to: '13:00' })
    expect(opening('2026-11-23T14:00:00', [night, noon])).toBe('2026-11-23T22:30:00')
    expect(opening('2026-11-24T05:00:00', [night, noon])).toBe('2026-11-24T12:00:00')
  })

  it('lasts a whole day when its ends are the same', () => {
    const day = WeeklyWindow.parse({ days: ['sun'], from: '06:00', to: '06:00' })
    expect(opening('2026-11-23T05:59:59', [day])).toBe('2026-11-23T05:59:59')
    expect(opening('2026-11-23T06:00:00', [day])).toBe('2026-11-29T06:00:00')
  })

  it('never opens where there is none', () => {
    expect(nextOpeningMs([], 0)).toBe(Infinity)
  })

  it('opens when the calendar says so, at any minute of any year', () => {
    const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
    const minutes = fc.integer({ min: 0, max: 1439 })
    fc.assert(
      fc.property(
        fc.record({ day: fc.constantFrom(...days), from: minutes, to: minutes }),
        fc.integer({ min: 0, max: 100 * 52 * 7 * 1440 }),
        ({ day, from, to }, nowMinutes) => {
          const nowMs = nowMinutes * MINUTE
          const window = WeeklyWindow.parse({ days: [day], from: clock(from), to: clock(to) })
          const openMs = nextOpeningMs([window], nowMs)
          expect(openMs).toBeGreaterThanOrEqual(nowMs)
          expect(openMs - nowMs).toBeLessThan(WEEK)
          const date = new Date(openMs)
          const minuteOfDay = date.getUTCHours() * 60 + date.getUTCMinutes()
          const begins = days[date.getUTCDay()] === day && minuteOfDay === from
          const isFirstDay = days[date.getUTCDay()] === day && minuteOfDay >= from
          const isLastDay = days[(date.getUTCDay() + 6) % 7] === day && minuteOfDay < to
          const isOpen = isFirstDay ? to <= from || minuteOfDay < to : isLastDay && to <= from
          expect(openMs > nowMs ? begins : isOpen).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('is told as an operator reads it', () => {
    expect(timeOf(at('2026-11-29T22:05:59'))).toBe('sun 22:05 UTC')
  })
})

function clock(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  return `${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}
