import { describe, expect, it } from 'vitest'
import { createOutages, lastOutMs, noteOut } from '../../src/cache/outages.ts'

describe('what an isolate remembers of outages', () => {
  it('is the last moment for each route', () => {
    const outages = createOutages()
    noteOut(outages, 'site', 1000)
    noteOut(outages, 'site', 2000)
    expect([lastOutMs(outages, 'site'), lastOutMs(outages, 'api')]).toEqual([2000, undefined])
  })

  it('lets one request in five seconds try, and not the first', () => {
    const outages = createOutages()
    const tried = Array.from({ length: 121 }, (_, second) => second)
      .flatMap((second) => [second * 1000, second * 1000 + 500])
      .filter((atMs) => noteOut(outages, 'site', atMs))
    expect(tried).toEqual(Array.from({ length: 24 }, (_, at) => (at + 1) * 5000))
  })

  it('goes on trying when the clock jumps back', () => {
    const outages = createOutages()
    noteOut(outages, 'site', 1_000_000)
    expect(noteOut(outages, 'site', 1000)).toBe(true)
  })

  it('has an end', () => {
    const outages = createOutages()
    for (let at = 0; at <= 1000; at += 1) noteOut(outages, `route-${at}`, at)
    expect(outages.routes.size).toBe(1000)
    expect(lastOutMs(outages, 'route-0')).toBeUndefined()
  })
})
