import { toMoment, toPercent } from './table.ts'
import type { ShownDrain, ShownOverride, ShownRamp, ShownShedding } from './traffic-shapes.ts'

/** A ramp in one line. */
export function describeRamp({ use, phase, percent, why }: ShownRamp): string {
  return `${use} ${phase} at ${toPercent(percent)}: ${why}`
}

/** What an operator said, in one line. */
export function describeOverride(override: ShownOverride): string {
  const { state, by, reason, untilMs } = override
  return `${state} by ${by}${untilMs === undefined ? '' : ` until ${toMoment(untilMs)}`}: ${reason}`
}

/** What an operator takes off a pool, in one line. */
export function describeShedding({ shed, by, reason, untilMs }: ShownShedding): string {
  const what = `sheds ${toPercent(shed.newPercent)} of new and ${toPercent(shed.sessionPercent)} of bound clients`
  return `${what} by ${by}${untilMs === undefined ? '' : ` until ${toMoment(untilMs)}`}: ${reason}`
}

/** A drain in one line: what is left, and until when clients stay. */
export function describeDrain({ drained, left, untilMs }: ShownDrain): string {
  if (drained === true) return 'drained: nothing is left'
  const until = `clients stay until ${toMoment(untilMs)}`
  return left === undefined ? until : `${until}; left: ${left}`
}
