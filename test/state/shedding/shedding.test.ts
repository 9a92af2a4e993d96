import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Shedding } from '../../../src/schema/limit.ts'
import {
  initialShedding,
  sheddingPercents,
  type SheddingState,
  type SheddingWindow,
  stepShedding,
} from '../../../src/state/shedding.ts'
import { liveThrough, type Overload, type Second } from './overload.ts'

const settings: Shedding = {
  p95Above: 300,
  failuresAbove: 0.2,
  minRequests: 20,
  window: 5000,
  most: 90,
}

/** A hundred requests, half of them default, a third sheddable; all of them well unless said otherwise. */
function windowOf(difference: Partial<SheddingWindow> = {}): SheddingWindow {
  return {
    windows: 1,
    requests: 100,
    failed: 0,
    timed: 100,
    slow: 0,
    nearlySlow: 0,
    p95Ms: 50,
    sheddable: 30,
    plain: 50,
    ...difference,
  }
}

const slow = { slow: 6, nearlySlow: 6, p95Ms: 600 }

function after(...windows: readonly Partial<SheddingWindow>[]): SheddingState {
  return windows.reduce<SheddingState>(
    (state, each) => stepShedding(state, windowOf(each), settings),
    initialShedding,
  )
}

describe('a pool', () => {
  it('gives nothing away while it is well', () => {
    expect(after({}, {}, {}).givenPercent).toBe(0)
  })

  it('is over when more than one answer in twenty is slower than the bound', () => {
    expect(after({ slow: 5, p95Ms: 299 }).givenPercent).toBe(0)
    const over = after(slow)
    expect(over.givenPercent).toBe(20)
    expect(over.why).toBe('p95 about 600 ms of 100 answers, above 300 ms')
  })

  it('is over when too many fail', () => {
    expect(after({ failed: 20 }).givenPercent).toBe(0)
    const over = after({ failed: 21 })
    expect(over.givenPercent).toBeCloseTo(10.5, 5)
    expect(over.why).toBe('21 of 100 requests failed, above 20 %')
  })

  it('is not judged by too few requests, whatever they say', () => {
    const few = { requests: 19, timed: 19, sheddable: 6, plain: 10, slow: 19, failed: 19 }
    expect(after(few, few, few).givenPercent).toBe(0)
  })

  it('waits while what it gave away already helps', () => {
    const { givenPercent } = after({ ...slow, p95Ms: 900 })
    expect(after({ ...slow, p95Ms: 900 }, { ...slow, p95Ms: 700 }).givenPercent).toBe(givenPercent)
    expect(after({ ...slow, p95Ms: 900 }, { ...slow, p95Ms: 890 }).givenPercent).toBeGreaterThan(
      givenPercent,
    )
  })

  it('takes load back when it is well again, or when nobody comes to say so', () => {
    const wells = Array.from({ length: 30 }, () => ({}))
    expect(after(slow, slow, ...wells)).toMatchObject({ givenPercent: 0, knee: 0, why: '' })
    const nobody = { requests: 0, timed: 0, sheddable: 0, plain: 0 }
    const silence = Array.from({ length: 30 }, () => nobody)
    expect(after(slow, slow, ...silence).givenPercent).toBe(0)
    expect(after(slow, slow, { ...nobody, windows: 30 }).givenPercent).toBe(0)
  })

  it('says what it sees while it takes load back, and not what was', () => {
    expect(after(slow, {}).why).toBe(
      'load comes back: p95 about 50 ms of 100 answers, 0 of 100 requests failed',
    )
    const nobody = { requests: 0, timed: 0, p95Ms: undefined, sheddable: 0, plain: 0 }
    expect(after(slow, nobody).why).toBe('load comes back: 0 requests, too few to judge')
    expect(after(slow, { nearlySlow: 6, p95Ms: 280 }).why).toContain('slowly: p95 about 280 ms')
  })

  it('takes it back slowly near its bound', () => {
    const { givenPercent } = after(slow)
    expect(after(slow, { nearlySlow: 6 }).givenPercent).toBe(givenPercent - 1)
  })
})

describe('of what is given away', () => {
  it('sheddable requests go first, then default ones', () => {
    const light = after(slow)
    const percents = sheddingPercents(light, settings)
    expect(percents.sheddablePercent).toBeCloseTo((100 * 20) / 30, 5)
    expect(percents.defaultPercent).toBe(0)
    const heavy = sheddingPercents({ ...light, givenPercent: 55 }, settings)
    expect(heavy.sheddablePercent).toBe(100)
    expect(heavy.defaultPercent).toBeCloseTo((100 * 25) / 50, 5)
  })

  it('default ones go at once where there are no others', () => {
    const state = after({ ...slow, sheddable: 0 })
    expect(sheddingPercents(state, settings).defaultPercent).toBeCloseTo((100 * 20) / 50, 5)
  })

  it('there is nothing where all is critical', () => {
    const critical = { ...slow, sheddable: 0, plain: 0 }
    expect(after(critical, critical, critical).givenPercent).toBe(0)
  })
})

it('never gives away more than the most, and nothing of what is fixed, whatever it sees', () => {
  const window = fc
    .record({
      sheddable: fc.nat({ max: 200 }),
      plain: fc.nat({ max: 200 }),
      fixed: fc.nat({ max: 200 }),
      failing: fc.double({ min: 0, max: 1, noNaN: true }),
      slowing: fc.double({ min: 0, max: 1, noNaN: true }),
      p95Ms: fc.integer({ min: 1, max: 100_000 }),
      windows: fc.integer({ min: 1, max: 100 }),
    })
    .map(({ sheddable, plain, fixed, failing, slowing, ...rest }): SheddingWindow => {
      const requests = sheddable + plain + fixed
      const failed = Math.floor(requests * failing)
      const tail = Math.floor(requests * slowing)
      return {
        requests,
        failed,
        timed: requests,
        slow: tail,
        nearlySlow: tail,
        ...rest,
        sheddable,
        plain,
      }
    })
  fc.assert(
    fc.property(fc.array(window, { maxLength: 100 }), (windows) => {
      let state = initialShedding
      for (const each of windows) {
        state = stepShedding(state, each, settings)
        const { sheddablePercent, defaultPercent } = sheddingPercents(state, settings)
        expect(state.givenPercent).toBeGreaterThanOrEqual(0)
        expect(state.givenPercent).toBeLessThanOrEqual(100)
        expect(sheddablePercent).toBeLessThanOrEqual(100)
        expect(defaultPercent).toBeLessThanOrEqual(settings.most)
        // No default request is given away while a sheddable one stays.
        expect(defaultPercent > 0.001 && sheddablePercent < 99.999).toBe(false)
      }
    }),
  )
})

/** Ten at a time, 50 ms each: 200 a second. Whoever waits for a second gives up. */
const plant = { workers: 10, serviceMs: 50, patienceMs: 1000 }

function overloadOf(perSecond: number, difference: Partial<Overload> = {}): Overload {
  return {
    seed: 1,
    plant,
    comes: (atMs) => (atMs >= 30_000 && atMs < 230_000 ? perSecond : 120),
    lastsMs: 430_000,
    isolates: 4,
    mix: { critical: 0.2, sheddable: 0.3 },
    settings: { ...settings, window: 2000 },
    ...difference,
  }
}

function mean(seconds: readonly Second[], value: (second: Second) => number): number {
  return seconds.reduce((sum, second) => sum + value(second), 0) / seconds.length
}

describe.each([1, 2, 3])('an origin that gets more than it can take, seed %i', (seed) => {
  const seconds = liveThrough(overloadOf(400, { seed }))
  const steady = seconds.slice(90, 230)

  it('answers most of what it can, where without shedding it answers nothing', () => {
    const without = liveThrough(overloadOf(400, { seed, settings: undefined, lastsMs: 230_000 }))
    expect(mean(without.slice(90, 230), ({ good }) => good)).toBeLessThan(10)
    // Of 200 that it can.
    expect(mean(steady, ({ good }) => good)).toBeGreaterThan(160)
  })

  it('answers nearly everyone who is critical, and sheds none of them', () => {
    const came = mean(steady, ({ comesCritical }) => comesCritical)
    expect(mean(steady, ({ goodCritical }) => goodCritical)).toBeGreaterThan(0.9 * came)
    expect(mean(seconds, ({ shed }) => shed.critical)).toBe(0)
  })

  it('swings about what is needed, and not from all to nothing', () => {
    const given = steady.map(({ givenPercent }) => givenPercent)
    expect(Math.min(...given)).toBeGreaterThan(35)
    expect(Math.max(...given)).toBeLessThan(80)
    const middle = mean(steady, ({ givenPercent }) => givenPercent)
    const deviation = Math.sqrt(mean(steady, (each) => (each.givenPercent - middle) ** 2))
    expect(deviation).toBeLessThan(10)
  })

  it('takes all of its load again within two minutes of the end', () => {
    expect(mean(seconds.slice(350), ({ givenPercent }) => givenPercent)).toBeLessThan(1)
    expect(mean(seconds.slice(350), ({ good }) => good)).toBeGreaterThan(115)
  })

  it('gave nothing away before', () => {
    expect(mean(seconds.slice(0, 30), ({ shed }) => shed.default + shed.sheddable)).toBe(0)
  })
})

it('works for a hundred isolates that see four requests a second each', () => {
  const seconds = liveThrough(overloadOf(400, { isolates: 100, lastsMs: 230_000 })).slice(120)
  expect(mean(seconds, ({ good }) => good)).toBeGreaterThan(160)
})

it('sheds sheddable requests alone where that is enough', () => {
  const seconds = liveThrough(overloadOf(230, { lastsMs: 230_000 })).slice(90)
  const sheddable = mean(seconds, ({ shed }) => shed.sheddable)
  expect(mean(seconds, ({ shed }) => shed.default)).toBeLessThan(0.1 * sheddable)
})
