import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addRoutine,
  initialOutlier,
  isEjected,
  isRoutine,
  liftEjection,
  type OutlierEvent,
  type OutlierSettings,
  type OutlierState,
  stepOutlier,
} from '../../src/state/outlier.ts'

const settings: OutlierSettings = {
  consecutive: 5,
  failureRate: 0.5,
  minRequests: 50,
  window: 30_000,
  ejection: 30_000,
  maxEjection: 300_000,
  trials: 3,
}

/** A moment: what matters is only how far apart two of them are. */
const START = 1_800_000_000_000

/** Feeds events, one every `everyMs`, and gives the state with the time of the last one. */
function feed(
  events: readonly OutlierEvent[],
  { from = initialOutlier, startMs = START, everyMs = 10, isTrial = false } = {},
): { readonly state: OutlierState; readonly nowMs: number } {
  let state = from
  let nowMs = startMs
  for (const event of events) {
    nowMs += everyMs
    state = stepOutlier(state, event, { settings, nowMs, mayEject: true, isTrial })
  }
  return { state, nowMs }
}

function times(count: number, event: OutlierEvent): OutlierEvent[] {
  return Array.from({ length: count }, () => event)
}

describe('failures in a row', () => {
  it('eject at the fifth, for 30 s', () => {
    expect(feed(times(4, 'failure')).state.ejectedUntilMs).toBe(0)
    const { state, nowMs } = feed(times(5, 'failure'))
    expect(state).toMatchObject({ ejections: 1, ejectedUntilMs: nowMs + 30_000 })
    expect(state.cause).toBe('5 failures in a row')
  })

  it.each(['success', 'error'] as const)('begin anew after a %s', (between) => {
    const events = [...times(4, 'failure'), between, ...times(4, 'failure')]
    expect(feed(events).state.ejectedUntilMs).toBe(0)
  })

  it('go on over any pause', () => {
    expect(feed(times(5, 'failure'), { everyMs: 60_000 }).state.ejections).toBe(1)
  })
})

/** Successes, and then errors, which do not make a row of failures. */
function mixed(failures: number, successes: number): OutlierEvent[] {
  return [...times(successes, 'success'), ...times(failures, 'error')]
}

describe('the share of failures', () => {
  it('ejects at half of 50 requests', () => {
    expect(feed(mixed(24, 25)).state.ejectedUntilMs).toBe(0)
    expect(feed(mixed(24, 26)).state.ejectedUntilMs).toBe(0)
    const { state } = feed(mixed(25, 25))
    expect(state.ejections).toBe(1)
    expect(state.cause).toBe('25 of 50 requests failed in 30 s')
  })

  it('counts no more than the window', () => {
    // 25 failures, and then 25 successes more than 30 s later.
    const first = feed(times(25, 'error'))
    const events: OutlierEvent[] = [...times(24, 'success'), 'error']
    const later = feed(events, { from: first.state, startMs: first.nowMs + 36_000 })
    expect(later.state.ejectedUntilMs).toBe(0)
  })
})

describe('an ejection', () => {
  it('lasts longer each time, up to the maximum', () => {
    let { state, nowMs } = feed(times(5, 'failure'))
    const lasted: number[] = []
    for (let round = 0; round < 12; round += 1) {
      lasted.push((state.ejectedUntilMs - nowMs) / 1000)
      ;({ state, nowMs } = feed(['failure'], {
        from: state,
        startMs: state.ejectedUntilMs,
        isTrial: true,
      }))
    }
    expect(lasted).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300])
  })

  it('is forgiven, one for each 30 s without another', () => {
    const third = [1, 2].reduce(
      ({ state }) =>
        feed(['failure'], { from: state, startMs: state.ejectedUntilMs + 1, isTrial: true }),
      feed(times(5, 'failure')),
    )
    expect(third.state.ejections).toBe(3)
    const quietUntilMs = third.state.ejectedUntilMs + 61_000
    const closed = feed(times(3, 'success'), {
      from: third.state,
      startMs: third.state.ejectedUntilMs + 1,
      isTrial: true,
    })
    const fourth = feed(times(5, 'failure'), { from: closed.state, startMs: quietUntilMs })
    expect(fourth.state.ejections).toBe(2)
  })

  it('is not prolonged by stragglers', () => {
    const { state, nowMs } = feed(times(5, 'failure'))
    const after = feed(times(20, 'failure'), { from: state, startMs: nowMs })
    expect(after.state).toBe(state)
  })

  it('waits until the pool can spare the origin', () => {
    const failing = { settings, nowMs: START, mayEject: false }
    let state = initialOutlier
    for (const event of times(9, 'failure')) state = stepOutlier(state, event, failing)
    expect(state.ejectedUntilMs).toBe(0)
    state = stepOutlier(state, 'failure', { ...failing, mayEject: true })
    expect(state.ejectedUntilMs).toBe(START + 30_000)
  })

  it('ends when the clock jumps back behind its beginning', () => {
    const { state, nowMs } = feed(times(5, 'failure'))
    expect(isEjected(state, { settings, nowMs })).toBe(true)
    expect(isEjected(state, { settings, nowMs: nowMs - 3_600_000 })).toBe(false)
  })
})

/** Ejected, and the time of that over. */
function halfOpen() {
  const { state } = feed(times(5, 'failure'))
  return { from: state, startMs: state.ejectedUntilMs, isTrial: true }
}

function circuit({ state, nowMs }: ReturnType<typeof feed>) {
  if (isEjected(state, { settings, nowMs })) return 'open'
  return state.trialsLeft > 0 ? 'half-open' : 'closed'
}

describe('trials after an ejection', () => {
  it('close the circuit after as many successes in a row', () => {
    expect(circuit(feed(times(4, 'failure')))).toBe('closed')
    expect(circuit(feed(times(5, 'failure')))).toBe('open')
    expect(circuit(feed(times(2, 'success'), halfOpen()))).toBe('half-open')
    const closed = feed(times(3, 'success'), halfOpen())
    expect(circuit(closed)).toBe('closed')
    expect(isRoutine(closed.state, { settings, nowMs: closed.nowMs })).toBe(false)
  })

  it.each(['failure', 'error'] as const)('open it again at one %s, for longer', (event) => {
    const { state, nowMs } = feed([...times(2, 'success'), event], halfOpen())
    expect(state).toMatchObject({ ejections: 2, ejectedUntilMs: nowMs + 60_000, trialsLeft: 3 })
    expect(state.cause).toBe('a request on trial failed')
  })

  it('are all that counts while it is half-open', () => {
    const before = halfOpen()
    const events = [...times(9, 'failure'), ...times(9, 'success'), ...times(9, 'error')]
    expect(feed(events, { ...before, isTrial: false }).state).toBe(before.from)
  })

  it('begin anew where the pool cannot spare the origin', () => {
    const { from, startMs: nowMs } = halfOpen()
    const context = { settings, nowMs, mayEject: false, isTrial: true }
    const once = stepOutlier(from, 'success', context)
    expect(once.trialsLeft).toBe(2)
    expect(stepOutlier(once, 'failure', context)).toEqual(from)
  })

  it('are spared where the ejection is lifted', () => {
    const { state, nowMs } = feed(times(5, 'failure'))
    const lifted = liftEjection(state, nowMs)
    expect(circuit({ state: lifted, nowMs })).toBe('closed')
    expect(stepOutlier(lifted, 'failure', { settings, nowMs, mayEject: true }).ejections).toBe(1)
  })

  it('are no more than the configuration of the moment asks for', () => {
    const { from, startMs: nowMs } = halfOpen()
    const one = { settings: { ...settings, trials: 1 }, nowMs, mayEject: true, isTrial: true }
    expect(stepOutlier(from, 'success', one).trialsLeft).toBe(0)
  })
})

describe('whatever happens, in whatever order and on whatever clock', () => {
  const event = fc.constantFrom<OutlierEvent>('success', 'error', 'failure')
  const stepMs = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 5000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -10_000_000, max: 10_000_000 }) },
  )
  const history = fc.array(
    fc.record({ event, stepMs, mayEject: fc.boolean(), isTrial: fc.boolean() }),
    { maxLength: 400 },
  )

  it('an origin is out for no longer than the maximum, and never without a failure', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let state = initialOutlier
        let nowMs = START
        for (const { event: seen, stepMs: byMs, ...rest } of steps) {
          nowMs += byMs
          const context = { settings, nowMs, ...rest }
          const before = state
          state = stepOutlier(before, seen, context)
          const isOut = isEjected(state, context)
          const isNew = isOut && !isEjected(before, context)
          expect(isNew && (seen === 'success' || !rest.mayEject)).toBe(false)
          expect(isOut && state.ejectedUntilMs - nowMs > settings.maxEjection).toBe(false)
        }
      }),
    )
  })

  it('the counts stay whole, never negative, and failures never exceed results', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let state = initialOutlier
        let nowMs = START
        for (const { event: seen, stepMs: byMs, ...rest } of steps) {
          nowMs += byMs
          state = stepOutlier(state, seen, { settings, nowMs, ...rest })
          for (const [at, results] of state.results.entries()) {
            const failures = state.failures[at] ?? Number.NaN
            expect(failures).toBeGreaterThanOrEqual(0)
            expect(failures).toBeLessThanOrEqual(results)
          }
          expect(state.ejections).toBeLessThanOrEqual(
            Math.ceil(settings.maxEjection / settings.ejection) + 1,
          )
        }
      }),
    )
  })

  it('a circuit that is not closed closes by trials alone, each a success, as many as are left', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let state = initialOutlier
        let nowMs = START
        let successes = 0
        for (const { event: seen, stepMs: byMs, ...rest } of steps) {
          nowMs += byMs
          const context = { settings, nowMs, ...rest }
          const before = state
          const stood = circuit({ state: before, nowMs })
          state = stepOutlier(before, seen, context)
          if (stood === 'half-open' && rest.isTrial) {
            successes = seen === 'success' ? successes + 1 : 0
          }
          const hasClosed = stood !== 'closed' && circuit({ state, nowMs }) === 'closed'
          const mayClose = stood === 'half-open' && successes === settings.trials
          expect(hasClosed).toBe(mayClose)
          if (stood === 'closed') successes = 0
        }
      }),
    )
  })

  it('an origin that only succeeds is never put aside', () => {
    fc.assert(
      fc.property(fc.array(stepMs, { maxLength: 400 }), (steps) => {
        let nowMs = START
        const state = steps.reduce((before, byMs) => {
          nowMs += byMs
          return stepOutlier(before, 'success', { settings, nowMs, mayEject: true })
        }, initialOutlier)
        expect(state.ejectedUntilMs).toBe(0)
      }),
    )
  })
})

it('is the same whether routine successes are counted one by one or added later', () => {
  const step = fc.record({
    event: fc.oneof(
      { weight: 6, arbitrary: fc.constant('success' as const) },
      { weight: 1, arbitrary: fc.constantFrom('error' as const, 'failure' as const) },
    ),
    byMs: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 3000 }) },
      { weight: 1, arbitrary: fc.integer({ min: -60_000, max: 60_000 }) },
    ),
    mayEject: fc.boolean(),
    isTrial: fc.boolean(),
  })
  const eager = { ...settings, consecutive: 3, minRequests: 8, failureRate: 0.3 }
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      let [oneByOne, batched, routine, nowMs] = [initialOutlier, initialOutlier, 0, START]
      for (const { event, byMs, ...rest } of steps) {
        nowMs += byMs
        const context = { settings: eager, nowMs, ...rest }
        oneByOne = stepOutlier(oneByOne, event, context)
        if (event === 'success' && isRoutine(batched, context)) routine += 1
        else {
          batched = stepOutlier(addRoutine(batched, routine), event, context)
          routine = 0
        }
        expect(addRoutine(batched, routine)).toEqual(oneByOne)
      }
    }),
  )
})
