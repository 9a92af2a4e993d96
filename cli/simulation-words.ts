import * as z from 'zod'
import { toPercent, toTable } from './table.ts'

const percents = { beforePercent: z.number(), afterPercent: z.number() }
const Place = z.looseObject({ type: z.string(), pool: z.string().optional() })

/** A simulation, as far as it is shown. Loose: a router may be newer than the command line. */
export const ShownSimulation = z.looseObject({
  decided: z.number(),
  marginPercent: z.number(),
  revision: z.number(),
  origins: z.array(
    z.looseObject({
      origin: z.string(),
      pool: z.string(),
      ...percents,
      afterPerSecond: z.number().optional(),
      capacity: z.number().optional(),
    }),
  ),
  exceeded: z.array(
    z.looseObject({
      origin: z.string(),
      requestsPerSecond: z.number(),
      capacity: z.number(),
      wasExceeded: z.boolean(),
    }),
  ),
  movedPercent: z.number(),
  moves: z.array(z.looseObject({ from: Place, to: Place, percent: z.number() })),
  refusals: z.array(z.looseObject({ ...percents, words: z.string() })),
})
export type ShownSimulation = z.output<typeof ShownSimulation>

/** Most moves that are told one by one. */
const MOST_MOVES = 10

/** What comes of it, in a table and the sentences that matter. */
export function describeSimulation(simulation: ShownSimulation): readonly string[] {
  const { decided, marginPercent, revision } = simulation
  return [
    ...tellShares(simulation),
    '',
    ...tellMoves(simulation),
    ...tellTrouble(simulation),
    `${decided} requests against revision ${revision}; shares are right to within ${toPercent(marginPercent)}`,
  ]
}

function tellShares({ origins }: ShownSimulation): readonly string[] {
  const rows = origins.map((each) => [
    each.origin,
    each.pool,
    toPercent(each.beforePercent),
    toPercent(each.afterPercent),
    each.afterPerSecond === undefined ? '' : `${Math.round(each.afterPerSecond)}/s`,
    each.capacity === undefined ? '' : `${each.capacity}/s`,
  ])
  return toTable(['ORIGIN', 'POOL', 'NOW', 'THEN', 'RATE', 'CAPACITY'], rows)
}

function tellMoves({ movedPercent, moves }: ShownSimulation): readonly string[] {
  if (moves.length === 0) return ['nobody moves']
  const told = moves.slice(0, MOST_MOVES).map(({ from, to, percent }) => {
    return `  ${toPercent(percent)} from ${toName(from)} to ${toName(to)}`
  })
  const more = moves.length - told.length
  return [
    `${toPercent(movedPercent)} of the traffic moves:`,
    ...told,
    ...(more > 0 ? [`  and ${more} more moves`] : []),
  ]
}

function toName({ type, pool }: z.output<typeof Place>): string {
  switch (type) {
    case 'pool':
      return pool ?? '?'
    case 'router':
      return 'an answer of the router'
    default:
      return 'nobody (refused)'
  }
}

function tellTrouble({ exceeded, refusals }: ShownSimulation): readonly string[] {
  return [
    ...exceeded.map(({ origin, requestsPerSecond, capacity, wasExceeded }) => {
      const already = wasExceeded ? ' (as it is now already)' : ''
      return `TOO MUCH: ${origin} would get ${Math.round(requestsPerSecond)}/s and takes ${capacity}/s${already}`
    }),
    ...refusals
      .filter(({ afterPercent }) => afterPercent > 0)
      .map(({ beforePercent, afterPercent, words }) => {
        return `REFUSED: ${toPercent(afterPercent)} (now ${toPercent(beforePercent)}): ${words}`
      }),
  ]
}
