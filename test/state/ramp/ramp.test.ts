import { describe, expect, it } from 'vitest'
import { isRampOver } from '../../../src/state/ramp/state.ts'
import { toRampView } from '../../../src/state/ramp/view.ts'
import { isMeasureDue, measureSinceMs, rampWakeAtMs } from '../../../src/state/ramp/ramp.ts'
import { bench, MINUTE } from './bench.ts'
import { measureOf, START } from './world.ts'

describe('a ramp', () => {
  it('takes 10, 25, 50, 75 and 100 %, each after its dwell, and is done', () => {
    const ramp = bench()
    const places = [ramp.place]
    for (let step = 0; step < 5; step += 1) places.push(ramp.dwell().place)
    expect(places).toEqual([
      'stepping 10',
      'stepping 25',
      'stepping 50',
      'stepping 75',
      'stepping 100',
      'done 100',
    ])
    expect(ramp.nowMs - START).toBe(25 * MINUTE)
    expect(isRampOver(ramp.state)).toBe(true)
  })

  it('holds while there are too few requests, and says how many', () => {
    const ramp = bench()
      .dwell()
      .pass(30 * MINUTE)
      .measure(measureOf(42))
    expect(ramp.place).toBe('stepping 25')
    expect(ramp.why).toBe(
      'step 2 of 5 at 25 %: 42 of 100 requests so far; the step is taken without in 1800 s',
    )
    expect(ramp.pass(MINUTE).measure(measureOf(100)).place).toBe('stepping 50')
  })

  it('takes the step without requests when the longest wait is over', () => {
    const ramp = bench().measure(measureOf(0))
    expect(ramp.pass(60 * MINUTE - 1).place).toBe('stepping 10')
    expect(ramp.pass(1).place).toBe('stepping 25')
    for (let step = 0; step < 4; step += 1)
      ramp
        .pass(MINUTE)
        .measure(measureOf(0))
        .pass(60 * MINUTE)
    expect(ramp.place).toBe('done 100')
  })

  it('holds for as long as nobody can count the requests, and says why', () => {
    const ramp = bench().send({ type: 'unmeasured', why: 'origin us-1 did not answer' })
    expect(ramp.why).toBe(
      'step 1 of 5 at 10 %: it could not be measured: origin us-1 did not answer',
    )
    expect(ramp.pass(24 * 60 * MINUTE).place).toBe('stepping 10')
    expect(ramp.measure(measureOf(0)).place).toBe('stepping 25')
  })

  it('goes back when the longest wait is over and what was seen last was bad', () => {
    const ramp = bench({ ramp: { gate: { minSamples: 10 } } })
      .dwell()
      .pass(MINUTE)
    ramp.measure(measureOf(19, 0.11))
    expect(ramp.pass(60 * MINUTE).place).toBe('stepping 10')
  })

  it('waits for the end of the dwell before it goes back for what may be chance', () => {
    const ramp = bench().dwell().pass(MINUTE).measure(measureOf(1000, 0.015))
    expect(ramp.place).toBe('stepping 25')
    ramp.pass(4 * MINUTE).measure(measureOf(1200, 0.015))
    expect(ramp.place).toBe('stepping 10')
    expect(ramp.why).toContain('back to 10 %: success 98.5 % of 1200 requests, peers 100 %')
  })

  it('goes back at once for what cannot be chance', () => {
    const ramp = bench().dwell().pass(MINUTE).measure(measureOf(1000, 0.1))
    expect(ramp.place).toBe('stepping 10')
    expect(ramp.why).toBe(
      'back to 10 %: success 90 % of 1000 requests, peers 100 %; ' +
        'step 1 of 5 at 10 %: counts begin in 10 s, for another 300 s at least',
    )
  })

  it('sees that everything fails now after an hour in which nothing did', () => {
    const ramp = bench({ ramp: { dwell: '2h' } })
    for (let requests = 1000; requests <= 100_000; requests += 1000)
      ramp.measure(measureOf(requests))
    const subject = { ...measureOf(100_100), failures: 90 }
    expect(ramp.measure(subject).place).toBe('held 0')
    expect(ramp.why).toContain('90 % of 100 requests failed')
  })

  it('begins a new window when an object has lost its counts', () => {
    const ramp = bench({ ramp: { dwell: '2h' } })
      .measure(measureOf(5000))
      .measure(measureOf(10))
    expect(ramp.state.anchor?.subject.requests).toBe(10)
    expect(ramp.place).toBe('stepping 10')
  })

  it('tries a step that it lost after one dwell, then two, then four', () => {
    const ramp = bench({ ramp: { steps: [25, 50, 100] } })
    const minutes: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const fromMs = ramp.nowMs
      while (ramp.state.percent === 25) ramp.pass(MINUTE).measure(measureOf(1000))
      minutes.push((ramp.nowMs - fromMs) / MINUTE)
      ramp.measure(measureOf(1000, 0.1))
    }
    expect(minutes).toEqual([5, 5, 10])
    expect(ramp.state.setbacks).toBe(3)
    while (ramp.state.percent < 100) ramp.pass(MINUTE).measure(measureOf(1000))
    expect(ramp.state).toMatchObject({ setbacks: 0, setbackAt: -1, cause: '' })
  })

  it('takes everything back at a hard breach and holds it, twice as long each time', () => {
    const ramp = bench().dwell()
    ramp.pass(MINUTE).measure(measureOf(64, 0.31))
    expect(ramp.place).toBe('held 0')
    expect(ramp.why).toBe('held for another 60 s after a hard breach: 31.2 % of 64 requests failed')
    expect(ramp.pass(MINUTE - 1).place).toBe('held 0')
    expect(ramp.pass(1).place).toBe('stepping 10')
    ramp.send({ type: 'breach', why: '3 of 3 regions: connection refused' }).pass(MINUTE)
    expect(ramp.why).toBe(
      'held for another 60 s after a hard breach: 3 of 3 regions: connection refused',
    )
    expect(ramp.pass(MINUTE).place).toBe('waiting 0')
    expect(ramp.why).toBe('waits until it is well: 3 of 3 regions: connection refused')
    expect(ramp.send({ type: 'well' }).place).toBe('stepping 10')
  })

  it('falls from its first step to nothing, and is held there', () => {
    expect(bench().pass(MINUTE).measure(measureOf(200, 0.1)).place).toBe('held 0')
  })

  it('goes by the peers where all do badly', () => {
    const ramp = bench().pass(5 * MINUTE)
    expect(ramp.measure(measureOf(1000, 0.1), measureOf(1000, 0.1)).place).toBe('stepping 25')
  })

  it('drops what was measured for an earlier step', () => {
    const ramp = bench().pass(MINUTE)
    const sinceMs = measureSinceMs(ramp.state, ramp.nowMs) ?? 0
    ramp.dwell()
    const { state } = ramp
    ramp.send({ type: 'measured', sinceMs, subject: measureOf(1000, 0.9) })
    expect(ramp.state).toEqual(state)
  })

  it('asks to be measured once in a tick and at the end of the dwell', () => {
    const ramp = bench().pass(10_000).measure(measureOf(0))
    expect(isMeasureDue(ramp.state, ramp.nowMs)).toBe(false)
    expect(ramp.pass(9999) && isMeasureDue(ramp.state, ramp.nowMs)).toBe(false)
    expect(ramp.pass(1) && isMeasureDue(ramp.state, ramp.nowMs)).toBe(true)
    ramp.pass(5 * MINUTE - 20_001).measure(measureOf(0))
    expect(isMeasureDue(ramp.state, ramp.nowMs)).toBe(false)
    expect(ramp.pass(1) && isMeasureDue(ramp.state, ramp.nowMs)).toBe(true)
  })

  it('does not count what edges may still send by the step before', () => {
    const ramp = bench()
    expect(ramp.pass(9999) && measureSinceMs(ramp.state, ramp.nowMs)).toBeUndefined()
    expect(ramp.pass(1) && measureSinceMs(ramp.state, ramp.nowMs)).toBe(START + 10_000)
    const quick = bench({ ramp: { dwell: '4s' } }).pass(2000)
    expect(measureSinceMs(quick.state, quick.nowMs)).toBe(START + 2000)
  })

  it('survives a clock that jumps ahead or back without skipping its dwell', () => {
    const ramp = bench().pass(MINUTE)
    ramp.nowMs += 86_400_000
    ramp.measure(measureOf(1000))
    expect(ramp.place).toBe('stepping 10')
    ramp.nowMs -= 10 * 86_400_000
    ramp.measure(measureOf(1000))
    expect(ramp.place).toBe('stepping 10')
    expect(ramp.state.sinceMs).toBe(ramp.nowMs)
    expect(ramp.pass(3 * MINUTE).measure(measureOf(1000)).place).toBe('stepping 25')
  })
})

describe('a recovery', () => {
  it('waits until it has been well for the delay', () => {
    const ramp = bench({ failback: { delay: '10m' } })
    expect(ramp.pass(4 * MINUTE).why).toBe('well for 240 s of 600 s')
    ramp.send({ type: 'breach', why: 'status 503' }).pass(MINUTE).send({ type: 'well' })
    expect(ramp.pass(10 * MINUTE - 1).place).toBe('waiting 0')
    expect(ramp.pass(1).place).toBe('stepping 10')
  })

  it('waits for an operator where failback is manual, also after a hard breach', () => {
    const ramp = bench({ failback: { mode: 'manual' } }).pass(60 * MINUTE)
    expect(ramp.why).toBe('well, and waits for an operator: failback is manual')
    expect(rampWakeAtMs(ramp.state)).toBeUndefined()
    expect(ramp.send({ type: 'promote' }).place).toBe('stepping 10')
    expect(ramp.measure(measureOf(100, 0.5)).pass(MINUTE).place).toBe('waiting 0')
  })

  it('waits for its window', () => {
    // 15 January 2027, a Friday, 08:00 UTC.
    const failback = { mode: 'window' as const, windows: [{ from: '22:30', to: '04:00' }] }
    const ramp = bench({ failback })
    expect(ramp.why).toBe('well, and waits for the window of fri 22:30 UTC')
    expect(toRampView(ramp.state, START).nextAtMs).toBe(START + 14.5 * 60 * MINUTE)
    expect(ramp.pass(14.5 * 60 * MINUTE - 1).place).toBe('waiting 0')
    expect(ramp.pass(1).place).toBe('stepping 10')
  })
})
