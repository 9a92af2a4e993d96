import { dueOf, type Mark, shareOf, type StoryRecord } from './record.ts'

const WIDTH = 960
const HEIGHT = 420
const FRAME = { left: 48, right: 16, top: 90, bottom: 40 } as const
const COLOURS = ['#4e79a7', '#f28e2b', '#59a14f', '#b07aa1'] as const
/** Slices whose mean is drawn: of the chance in half a second's requests little is left. */
const SMOOTHED = 4

const INK = '#24292f'
const QUIET = '#57606a'

/** Draws who answered how much over time, and what share the pool that came back had been given. */
export function toPicture(record: StoryRecord): string {
  const scale = toScale(record.samples.at(-1)?.atMs ?? 1)
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${FRAME.left}" y="22" font-size="15" font-weight="600" fill="${INK}">Who answered, in percent of the requests of two seconds</text>`,
    toLegend(record),
    ...toAxes(scale),
    ...toAreas(record, scale),
    toDueLine(record, scale),
    ...record.marks.flatMap((mark, at) => toMark(mark, at, scale)),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

interface Scale {
  readonly endMs: number
  x(this: void, atMs: number): number
  y(this: void, percent: number): number
}

function toScale(endMs: number): Scale {
  const width = WIDTH - FRAME.left - FRAME.right
  const height = HEIGHT - FRAME.top - FRAME.bottom
  return {
    endMs,
    x: (atMs) => round(FRAME.left + (width * atMs) / endMs),
    y: (percent) => round(FRAME.top + height * (1 - percent / 100)),
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function toLegend({ pools, hero }: StoryRecord): string {
  const entries = pools.map((pool, at) => {
    const x = FRAME.left + at * 90
    return `<rect x="${x}" y="34" width="12" height="12" fill="${colourOf(at)}"/><text x="${x + 18}" y="44" fill="${INK}">${pool}</text>`
  })
  const x = FRAME.left + pools.length * 90
  const line = `<line x1="${x}" y1="40" x2="${x + 24}" y2="40" stroke="${INK}" stroke-width="2" stroke-dasharray="5 3"/>`
  return [
    ...entries,
    line,
    `<text x="${x + 30}" y="44" fill="${INK}">what ${hero} is due by its share and weight</text>`,
  ].join('')
}

function colourOf(at: number): string {
  return COLOURS[at % COLOURS.length] ?? INK
}

function toAxes({ endMs, x, y }: Scale): string[] {
  const percents = [0, 25, 50, 75, 100].flatMap((percent) => [
    `<line x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${y(percent)}" y2="${y(percent)}" stroke="#d0d7de"/>`,
    `<text x="${FRAME.left - 6}" y="${y(percent) + 4}" text-anchor="end" fill="${QUIET}">${percent} %</text>`,
  ])
  const seconds = Array.from({ length: Math.floor(endMs / 10_000) + 1 }, (_, at) => at * 10)
  const times = seconds.map(
    (second) =>
      `<text x="${x(second * 1000)}" y="${HEIGHT - FRAME.bottom + 18}" text-anchor="middle" fill="${QUIET}">${second} s</text>`,
  )
  return [...percents, ...times]
}

/** Stacked, the pool that the story is about at the bottom. */
function toAreas({ pools, hero, samples }: StoryRecord, { x, y }: Scale): string[] {
  const stack = [hero, ...pools.filter((pool) => pool !== hero)]
  const floor = samples.map(() => 0)
  return stack.map((pool) => {
    const under = samples.map((sample, i) => `${x(sample.atMs)},${y(floor[i] ?? 0)}`)
    samples.forEach((_, i) => {
      floor[i] =
        (floor[i] ?? 0) + shareOf(samples.slice(Math.max(0, i - SMOOTHED + 1), i + 1), pool)
    })
    const over = samples.map((sample, i) => `${x(sample.atMs)},${y(floor[i] ?? 0)}`)
    return `<polygon points="${[...over, ...under.toReversed()].join(' ')}" fill="${colourOf(pools.indexOf(pool))}" fill-opacity="0.75"/>`
  })
}

function toDueLine({ samples, heroPercent }: StoryRecord, { x, y }: Scale): string {
  const points = samples.flatMap((sample, at) => {
    const before = samples[at - 1]
    const step = before === undefined ? [] : [`${x(sample.atMs)},${y(dueOf(before, heroPercent))}`]
    return [...step, `${x(sample.atMs)},${y(dueOf(sample, heroPercent))}`]
  })
  return `<polyline points="${points.join(' ')}" fill="none" stroke="${INK}" stroke-width="2" stroke-dasharray="5 3"/>`
}

/** A line at the moment, its words in one of three rows above, so that neighbours do not cover each other. */
function toMark({ atMs, text, by }: Mark, at: number, { x }: Scale): string[] {
  const row = FRAME.top - 4 - (at % 3) * 13
  const isLate = x(atMs) > WIDTH * 0.8
  const colour = by === 'story' ? '#cf222e' : QUIET
  return [
    `<line x1="${x(atMs)}" x2="${x(atMs)}" y1="${row}" y2="${HEIGHT - FRAME.bottom}" stroke="${colour}" stroke-dasharray="2 3"/>`,
    `<text x="${x(atMs) + (isLate ? -3 : 3)}" y="${row}" text-anchor="${isLate ? 'end' : 'start'}" font-size="10" fill="${colour}">${text}</text>`,
  ]
}
