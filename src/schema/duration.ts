import * as z from 'zod'

const MS_PER_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** The inclusive range that a duration may have, each end written as a duration: `{ min: '1s', max: '5m' }`. */
export interface DurationRange {
  readonly min: string
  readonly max: string
}

/** A duration as an operator writes it (`"250ms"`, `"30s"`, `"5m"`), parsed once to milliseconds. */
export function duration(range: DurationRange) {
  const minMs = toMilliseconds(range.min)
  const maxMs = toMilliseconds(range.max)
  return z
    .string()
    .regex(/^\d{1,9}(ms|s|m|h|d)$/, {
      error: 'a duration is a whole number and a unit: "250ms", "30s", "5m", "2h" or "1d"',
    })
    .describe(`Duration from ${range.min} to ${range.max}, as "250ms", "30s", "5m", "2h" or "1d".`)
    .transform(toMilliseconds)
    .refine((ms) => ms >= minMs && ms <= maxMs, {
      error: `a duration here lies between ${range.min} and ${range.max}`,
    })
}

function toMilliseconds(text: string): number {
  const unit = text.replace(/^\d+/, '')
  const scale = Object.entries(MS_PER_UNIT).find(([name]) => name === unit)?.[1] ?? Number.NaN
  return Number.parseInt(text, 10) * scale
}
