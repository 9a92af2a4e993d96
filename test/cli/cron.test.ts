import { afterEach, describe, expect, it, vi } from 'vitest'
import { everyMinute } from '../../cli/cron.ts'

describe('the cron of npm start', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('fires on the minute, every minute, until it is stopped', () => {
    expect(run('2026-01-01T00:00:20Z', 125_000)).toEqual([
      '2026-01-01T00:01:00.000Z',
      '2026-01-01T00:02:00.000Z',
    ])
  })

  it('fires once for a minute although timers may be early', () => {
    expect(run('2026-01-01T00:00:59.900Z', 61_000)).toEqual(['2026-01-01T00:02:00.000Z'])
  })
})

/** The moments at which it fired in that time, begun at that moment. */
function run(startIso: string, ms: number): string[] {
  vi.useFakeTimers({ now: new Date(startIso) })
  const fired: string[] = []
  const stop = everyMinute(() => fired.push(new Date().toISOString()))
  vi.advanceTimersByTime(ms)
  stop()
  vi.advanceTimersByTime(120_000)
  return fired
}
