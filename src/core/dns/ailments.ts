import type { Condition } from '../../schema/condition.ts'
import type { AdminState } from '../../schema/pool.ts'
import type { SnapshotDocument } from '../../schema/snapshot.ts'
import type { CompiledPool } from '../snapshot.ts'
import { isComingBack } from './whole.ts'

/** What keeps an origin or a pool from being well, the gravest first. */
type Kind =
  | 'maintenance'
  | 'unhealthy'
  | 'draining'
  | 'leaving'
  | 'coming'
  | 'degraded'
  | 'shedding'

interface Ailment {
  readonly kind: Kind
  /** In words and numbers; empty when there is no more to say. */
  readonly detail: string
}

/** Tells what is not well of a pool and its origins, in some words each; none when all is well. */
export type ReadAilments = (pool: CompiledPool) => readonly string[]

/** Makes a reader of the ailments of a moment that looks at each pool once, however many records ask. */
export function createAilmentReader(document: SnapshotDocument): ReadAilments {
  const known = new Map<string, readonly string[]>()
  return (pool) => {
    const ailments = known.get(pool.id) ?? ailmentsOf(document, pool)
    known.set(pool.id, ailments)
    return ailments
  }
}

function ailmentsOf({ config, conditions }: SnapshotDocument, compiled: CompiledPool): string[] {
  const { id } = compiled
  const pool = config.pools[id]
  if (pool === undefined) return []
  const own = ailmentOf(pool.state, conditions.pools[id])
  const origins = Object.entries(pool.origins).map(([origin, { state }]) => {
    return { origin, ailment: ailmentOf(state, conditions.origins[origin]) }
  })
  return [
    ...(own ? [`pool "${id}" ${oneWords(own)}`] : []),
    ...shortageOf(compiled),
    ...originWords(id, origins),
  ]
}

function ailmentOf(configured: AdminState, condition: Condition | undefined): Ailment | undefined {
  const { health, evidence = '', sharePercent = 100, shed, state = configured } = condition ?? {}
  if (state === 'maintenance') return { kind: 'maintenance', detail: '' }
  if (health === 'unhealthy') return { kind: 'unhealthy', detail: evidence }
  if (state === 'drain') return { kind: 'draining', detail: '' }
  const detail = `${Math.floor(sharePercent)} %`
  if (condition && isComingBack(condition)) return { kind: 'coming', detail }
  if (sharePercent < 100) return { kind: 'leaving', detail }
  if (health === 'degraded') return { kind: 'degraded', detail: evidence }
  const shedPercent = shed?.newPercent ?? 0
  return shedPercent > 0 ? { kind: 'shedding', detail: `${shedPercent} %` } : undefined
}

interface AilingOrigin {
  readonly origin: string
  readonly ailment: Ailment | undefined
}

/** Many origins with the same trouble are told in one go, with the first of them for an example. */
function originWords(pool: string, origins: readonly AilingOrigin[]): string[] {
  const ailing = origins.flatMap(({ origin, ailment }) => (ailment ? [{ origin, ailment }] : []))
  const firsts = ailing.filter(
    ({ ailment }, at) => ailing.findIndex((each) => each.ailment.kind === ailment.kind) === at,
  )
  return firsts.map(({ origin, ailment }) => {
    const { kind, detail } = ailment
    const alike = ailing.filter((each) => each.ailment.kind === kind).length
    if (alike === 1) return `origin "${origin}" ${oneWords(ailment)}`
    const example = detail === '' ? '' : ` ("${origin}": ${detail})`
    return `${alike} of ${origins.length} origins of pool "${pool}" ${MANY[kind]}${example}`
  })
}

function oneWords({ kind, detail }: Ailment): string {
  const because = detail === '' ? '' : ` (${detail})`
  switch (kind) {
    case 'maintenance':
      return 'is in maintenance'
    case 'unhealthy':
      return `is unhealthy${because}`
    case 'draining':
      return 'drains'
    case 'coming':
      return `takes ${detail} of its traffic, and DNS waits for the end of its ramp`
    case 'leaving':
      return `leaves, with ${detail} of its traffic still`
    case 'degraded':
      return `is degraded${because}`
    case 'shedding':
      return `sheds ${detail} of new clients`
  }
}

const MANY: Readonly<Record<Kind, string>> = {
  maintenance: 'are in maintenance',
  unhealthy: 'are unhealthy',
  draining: 'drain',
  coming: 'come back, and DNS waits for the end of their ramps',
  leaving: 'leave',
  degraded: 'are degraded',
  shedding: 'shed new clients',
}

function shortageOf({ id, minimumOrigins, origins }: CompiledPool): string[] {
  const able = origins.filter(({ standing }) => standing === undefined).length
  if (able >= minimumOrigins || minimumOrigins === 1) return []
  return [`pool "${id}" has ${able} of at least ${minimumOrigins} usable origins`]
}
