import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFlights, flightOf, follow, land, move, takeOff } from '../../src/cache/flight.ts'
import { NOW_MS } from '../support/stored.ts'

beforeEach(() => void vi.useFakeTimers({ now: NOW_MS }))
afterEach(() => void vi.useRealTimers())

describe('a flight', () => {
  test('tells all who follow how it landed, and is over', async () => {
    const flights = createFlights()
    const flight = takeOff(flights, 'a', NOW_MS)
    const landings = [follow(flight, 5000), follow(flight, 5000)]
    land(flights, flight, 'kept')
    expect(await Promise.all(landings)).toEqual(['kept', 'kept'])
    expect([flights.size, flight.waiting.size, vi.getTimerCount()]).toEqual([0, 0, 0])
  })

  test('holds nobody longer than he waits', async () => {
    const flight = takeOff(createFlights(), 'a', NOW_MS)
    const landing = follow(flight, 300)
    vi.advanceTimersByTime(300)
    expect([await landing, flight.waiting.size]).toEqual(['late', 0])
  })

  test('that nobody landed is believed in for as long as a request may go on, whatever the clock does', () => {
    const flights = createFlights()
    takeOff(flights, 'a', NOW_MS)
    const seen = [34_999, 35_000, -35_000].map(
      (ms) => flightOf(flights, 'a', NOW_MS + ms) !== undefined,
    )
    expect(seen).toEqual([true, false, false])
  })

  test('that was lost does not end the one after it', () => {
    const flights = createFlights()
    const lost = takeOff(flights, 'a', NOW_MS)
    const next = takeOff(flights, 'a', NOW_MS + 40_000)
    land(flights, lost, 'unkept')
    expect(flightOf(flights, 'a', NOW_MS + 40_000)).toBe(next)
  })

  test('that was lost is swept out once there are many', () => {
    const flights = createFlights()
    for (let at = 0; at < 1000; at += 1) takeOff(flights, `lost-${at}`, NOW_MS)
    takeOff(flights, 'next', NOW_MS + 40_000)
    expect([...flights.keys()]).toEqual(['next'])
  })

  test('that moves is found under its new key alone, and tells all who follow to look again', async () => {
    const flights = createFlights()
    const flight = takeOff(flights, 'a', NOW_MS)
    const landing = follow(flight, 5000)
    move(flights, flight, 'a of gzip')
    expect(await landing).toBe('moved')
    expect([...flights]).toEqual([['a of gzip', flight]])
    const next = follow(flight, 5000)
    land(flights, flight, 'kept')
    expect([await next, flights.size]).toEqual(['kept', 0])
  })

  test('that moves to where another one is leaves that alone', () => {
    const flights = createFlights()
    const flight = takeOff(flights, 'a', NOW_MS)
    const other = takeOff(flights, 'b', NOW_MS)
    move(flights, flight, 'b')
    land(flights, flight, 'kept')
    expect([...flights]).toEqual([['b', other]])
  })
})
