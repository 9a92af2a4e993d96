import { describe, expect, it } from 'vitest'
import { isCommandOpen } from '../../../src/state/ramp/command.ts'
import { isRampOver } from '../../../src/state/ramp/state.ts'
import { isMeasureDue, stepRamp } from '../../../src/state/ramp/ramp.ts'
import { type Bench, bench, MINUTE } from './bench.ts'
import { measureOf } from './world.ts'

const NO_CHANGE = 'no change'

/** Where each command leads from each phase. */
const COMMANDS: readonly (readonly [string, Bench, Readonly<Record<string, string>>])[] = [
  [
    'waiting',
    bench({ failback: { mode: 'manual' } }),
    {
      pause: 'paused 0',
      resume: NO_CHANGE,
      'step-back': NO_CHANGE,
      promote: 'stepping 10',
      abort: 'aborted 0',
      'abort in steps': 'aborted 0',
    },
  ],
  [
    'stepping',
    bench().dwell(),
    {
      pause: 'paused 25',
      resume: NO_CHANGE,
      'step-back': 'stepping 10',
      promote: 'stepping 50',
      abort: 'aborted 0',
      'abort in steps': 'stepping 25',
    },
  ],
  [
    'stepping at the last step',
    bench().dwell().dwell().dwell().dwell(),
    {
      pause: 'paused 100',
      resume: NO_CHANGE,
      'step-back': 'stepping 75',
      promote: 'done 100',
      abort: 'aborted 0',
      'abort in steps': 'stepping 100',
    },
  ],
  [
    'paused',
    bench().dwell().send({ type: 'pause' }),
    {
      pause: NO_CHANGE,
      resume: 'stepping 25',
      'step-back': 'paused 10',
      promote: 'paused 50',
      abort: 'aborted 0',
      'abort in steps': 'stepping 25',
    },
  ],
  [
    'held',
    bench().measure(measureOf(100, 0.5)),
    {
      pause: 'held 0',
      resume: NO_CHANGE,
      'step-back': NO_CHANGE,
      promote: 'stepping 10',
      abort: 'aborted 0',
      'abort in steps': 'aborted 0',
    },
  ],
  [
    'done',
    bench().dwell().dwell().dwell().dwell().dwell(),
    {
      pause: NO_CHANGE,
      resume: NO_CHANGE,
      'step-back': NO_CHANGE,
      promote: NO_CHANGE,
      abort: NO_CHANGE,
      'abort in steps': NO_CHANGE,
    },
  ],
  [
    'aborted',
    bench().send({ type: 'abort', how: 'at-once' }),
    {
      pause: NO_CHANGE,
      resume: 'stepping 10',
      'step-back': NO_CHANGE,
      promote: 'stepping 10',
      abort: NO_CHANGE,
      'abort in steps': NO_CHANGE,
    },
  ],
]

const COMMAND_EVENTS = {
  pause: { type: 'pause' },
  resume: { type: 'resume' },
  'step-back': { type: 'step-back' },
  promote: { type: 'promote' },
  abort: { type: 'abort', how: 'at-once' },
  'abort in steps': { type: 'abort', how: 'in-steps' },
} as const

describe('an operator', () => {
  it.each(COMMANDS)('commands a ramp that is %s', (_, { state, nowMs }, expected) => {
    const reached = Object.entries(COMMAND_EVENTS).map(([name, command]) => {
      const next = stepRamp(state, command, nowMs)
      const isOpen = isCommandOpen(state, command)
      return [name, isOpen ? `${next.phase} ${next.percent}` : NO_CHANGE]
    })
    expect(Object.fromEntries(reached)).toEqual(expected)
  })

  it('has a paused ramp stand still, except for a hard breach', () => {
    const ramp = bench().dwell().send({ type: 'pause' })
    ramp
      .pass(10 * 60 * MINUTE)
      .measure(measureOf(1000, 0.1))
      .measure(measureOf(2000, 0))
    expect(ramp.place).toBe('paused 25')
    ramp.measure(measureOf(2200, 0.5))
    expect(ramp.why).toContain(', then paused by an operator')
    expect(ramp.pass(MINUTE).place).toBe('paused 0')
    expect(ramp.send({ type: 'resume' }).place).toBe('stepping 10')
  })

  it('sends a ramp back step by step, without a gate', () => {
    const ramp = bench().dwell().dwell().send({ type: 'abort', how: 'in-steps' })
    expect(ramp.why).toBe('aborted by an operator: goes back from 50 %, next in 300 s')
    const places = [1, 2, 3].map(() => ramp.pass(5 * MINUTE).place)
    expect(places).toEqual(['stepping 25', 'stepping 10', 'aborted 0'])
    expect(isMeasureDue(ramp.state, ramp.nowMs)).toBe(false)
    expect(ramp.why).toBe('aborted by an operator')
  })

  it('turns a ramp round that was on its way back', () => {
    const ramp = bench().dwell().send({ type: 'abort', how: 'in-steps' }).send({ type: 'promote' })
    expect(ramp.place).toBe('stepping 50')
    expect(ramp.dwell().place).toBe('stepping 75')
  })

  it('ends a shift for good by aborting it, and leaves a recovery at nothing until it is resumed', () => {
    const abort = { type: 'abort', how: 'at-once' } as const
    const shift = bench({ use: 'shift' }).send(abort)
    expect([shift.place, isRampOver(shift.state)]).toEqual(['aborted 0', true])
    expect(shift.send({ type: 'resume' }).place).toBe('aborted 0')
    const recovery = bench()
      .send(abort)
      .pass(24 * 60 * MINUTE)
    expect([recovery.place, isRampOver(recovery.state)]).toEqual(['aborted 0', false])
  })
})
