import type { Condition } from '../../schema/condition.ts'
import type { SnapshotDocument } from '../../schema/snapshot.ts'
import type { AdminState } from '../../schema/pool.ts'
import type { CompiledPool } from '../snapshot.ts'
import type { Answering } from './answers.ts'
import type { Line } from './line.ts'

/** `"eu" (2 of 3 origins)`. */
export function poolWords({ pool, origins }: Answering): string {
  return `"${pool.id}" (${origins.length} of ${pool.origins.length} origins)`
}

/** Most things that a sentence lists. */
const MOST_LISTED = 6

/** Things with commas between them, the first few of many. */
export function listWords(things: readonly string[], most = MOST_LISTED): string {
  const listed = things.slice(0, most).join(', ')
  return things.length > most ? `${listed}, and ${things.length - most} more` : listed
}

/** How far a decision had to go, as a sentence; empty when not at all. */
export function toleranceWords(tolerance: Line['tolerance']): string {
  switch (tolerance) {
    case 'none':
      return ''
    case 'last-resort':
      return 'No other may serve, so those answer that have not all of their traffic back yet.'
    case 'reserve':
      return 'No other may serve, so those answer that drain or have too few origins.'
    case 'fallback':
      return 'Every other pool is out, so the fallback pool answers.'
  }
}

/** What is not well of these pools and their origins, each in some words; none when all is well. */
export function ailmentsOf(
  { config, conditions }: SnapshotDocument,
  pools: readonly CompiledPool[],
): string[] {
  return pools.flatMap((compiled) => {
    const { id } = compiled
    const pool = config.pools[id]
    if (pool === undefined) return []
    const own = ailmentOf(`pool "${id}"`, pool.state, conditions.pools[id])
    const ofOrigins = Object.entries(pool.origins).flatMap(([origin, { state }]) =>
      ailmentOf(`origin "${origin}"`, state, conditions.origins[origin]),
    )
    return [...own, ...shortageOf(compiled), ...ofOrigins]
  })
}

function shortageOf({ id, minimumOrigins, origins }: CompiledPool): string[] {
  const able = origins.filter(({ standing }) => standing === undefined).length
  if (able >= minimumOrigins || minimumOrigins === 1) return []
  return [`pool "${id}" has ${able} of at least ${minimumOrigins} usable origins`]
}

/** The gravest thing that is wrong with an origin or a pool, as the proxy has it. */
function ailmentOf(
  name: string,
  configured: AdminState,
  condition: Condition | undefined,
): readonly string[] {
  const { health, evidence, sharePercent = 100, shed, state = configured } = condition ?? {}
  const because = evidence ? ` (${evidence})` : ''
  if (state === 'maintenance') return [`${name} is in maintenance`]
  if (health === 'unhealthy') return [`${name} is unhealthy${because}`]
  if (state === 'drain') return [`${name} drains`]
  if (sharePercent < 100) {
    const percent = Math.floor(sharePercent)
    return [`${name} takes ${percent} % of its traffic, and DNS waits for 100 %`]
  }
  if (health === 'degraded') return [`${name} is degraded${because}`]
  if (shed && shed.newPercent > 0) return [`${name} sheds ${shed.newPercent} % of new clients`]
  return []
}
