/** Lays rows out under their heads, two spaces between columns; the last column may be as long as it likes. */
export function toTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const all = [heads, ...rows]
  const widths = heads.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  return all.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

/** How long something took or takes, in its two largest units: "2 h 5 min". */
export function toSpan(ms: number): string {
  const first = UNITS.findIndex(([, unitMs]) => ms >= unitMs)
  if (first === -1) return '0 s'
  const [unit, unitMs] = UNITS[first] ?? ['s', 1000]
  const whole = `${Math.floor(ms / unitMs)} ${unit}`
  const next = UNITS[first + 1]
  const rest = next === undefined ? 0 : Math.floor((ms % unitMs) / next[1])
  return next === undefined || rest === 0 ? whole : `${whole} ${rest} ${next[0]}`
}

/** A moment as everybody on a call reads it: in UTC, to the second. */
export function toMoment(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** "25 %", "12.5 %". */
export function toPercent(percent: number): string {
  return `${Math.round(percent * 10) / 10} %`
}
