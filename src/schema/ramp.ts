import * as z from 'zod'
import { duration } from './duration.ts'

/** What is measured before a step is taken. */
export const Gate = z.strictObject({
  minSamples: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(100)
    .describe('Requests since the step began; with fewer the ramp holds.'),
  successRate: z
    .number()
    .min(0)
    .max(1)
    .default(0.99)
    .describe('Good enough whatever the peers do (Flagger: 99 %).'),
  successMargin: z
    .number()
    .min(0)
    .max(1)
    .default(0.005)
    .describe('How far below its peers of the same window the success rate may lie.'),
  p95Ratio: z
    .number()
    .min(1)
    .max(100)
    .default(1.5)
    .describe('How many times the p95 of its peers its own may be.'),
  p95Floor: duration({ min: '0ms', max: '1m' })
    .prefault('20ms')
    .describe('A p95 below it is never too slow.'),
  hardFailureRate: z
    .number()
    .min(0.001)
    .max(1)
    .default(0.25)
    .describe('From this share of failures on, everything is taken back at once.'),
})
export type Gate = z.output<typeof Gate>

/** The steps by which traffic comes back, moves or leaves, and what each waits for. */
export const Ramp = z.strictObject({
  steps: z
    .array(z.number().min(1).max(100))
    .min(1)
    .max(20)
    .default([10, 25, 50, 75, 100])
    .refine((steps) => steps.every((step, at) => at === 0 || step > (steps[at - 1] ?? 0)), {
      error: 'steps rise from one to the next',
    })
    .refine((steps) => steps.at(-1) === 100, { error: 'the last step is 100' }),
  dwell: duration({ min: '1s', max: '24h' })
    .prefault('5m')
    .describe('How long each step lasts at least.'),
  gate: Gate.prefault({}),
  longestWait: duration({ min: '1s', max: '7d' })
    .prefault('1h')
    .describe('After so long without enough samples the step is taken: no traffic is no failure.'),
})
export type Ramp = z.output<typeof Ramp>

/** How long something that failed stays out: `base` times two for every time it fell, at most `max`. */
export const HoldDown = z.strictObject({
  base: duration({ min: '0ms', max: '1h' }).prefault('60s'),
  max: duration({ min: '0ms', max: '24h' }).prefault('30m'),
})
export type HoldDown = z.output<typeof HoldDown>

const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/
const TimeOfDay = z.string().regex(TIME_OF_DAY, { error: 'a time of day is written "22:30"' })

/** A weekly window in UTC; one that ends before it begins ends on the next day. */
export const WeeklyWindow = z.strictObject({
  days: z
    .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
    .min(1)
    .max(7)
    .default(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']),
  from: TimeOfDay,
  to: TimeOfDay,
})
export type WeeklyWindow = z.output<typeof WeeklyWindow>

/** When what has recovered may come back. */
export const Failback = z
  .strictObject({
    mode: z
      .enum(['auto', 'manual', 'window'])
      .default('auto')
      .describe('"manual" waits for an operator, "window" for one of the windows.'),
    delay: duration({ min: '0ms', max: '24h' })
      .prefault('0s')
      .describe('How long it has to be well before.'),
    windows: z.array(WeeklyWindow).max(32).default([]).describe('In UTC.'),
  })
  .refine(({ mode, windows }) => mode !== 'window' || windows.length > 0, {
    error: 'the mode "window" needs at least one window',
    path: ['windows'],
  })
export type Failback = z.output<typeof Failback>
