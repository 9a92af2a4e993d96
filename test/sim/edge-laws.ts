import { decide } from '../../src/core/decide.ts'
import type { Decision } from '../../src/core/decision.ts'
import { nothingSeen } from '../../src/core/observation.ts'
import type {
  CompiledOrigin,
  CompiledPool,
  CompiledRoute,
  Snapshot,
} from '../../src/core/snapshot.ts'
import type { RequestFacts } from '../../src/schema/facts.ts'
import type { Edge, EdgeWatch } from './edge.ts'
import { fail } from './failure.ts'
import type { Ground } from './ground.ts'

/** What must hold of whatever an edge takes and decides: laws 1, 2, 3 and 5 of docs/simulation.md. */
export class EdgeLaws implements EdgeWatch {
  private readonly ground: Ground
  private readonly steps: ReadonlySet<number>
  decisions = 0

  /** `steps`: every share that some ramp of this world may have. */
  constructor(ground: Ground, steps: ReadonlySet<number>) {
    this.ground = ground
    this.steps = steps
  }

  took(edge: Edge, snapshot: Snapshot, before: Snapshot | undefined): void {
    if (before && snapshot.generation <= before.generation) {
      fail(5, `${edge.name} went from generation ${before.generation} to ${snapshot.generation}`)
    }
    for (const { id, sharePercent } of [...snapshot.pools, ...snapshot.origins]) {
      if (!this.steps.has(sharePercent)) fail(3, `${id} has a share of ${sharePercent} %`)
    }
    for (const route of snapshot.routes) this.checkRoute(edge, snapshot, route)
  }

  decided(edge: Edge, decision: Decision, { path }: RequestFacts): void {
    this.decisions += 1
    const { snapshot } = edge
    const { route } = decision
    if (snapshot === undefined || route === undefined) fail(1, `${edge.name}: no route for ${path}`)
    checkDecision(snapshot, route, decision)
  }

  private checkRoute(edge: Edge, snapshot: Snapshot, route: CompiledRoute): void {
    const { nowMs } = this.ground
    const path = route.route.match.flatMap(({ path: each }) => each ?? [])[0]
    const facts: RequestFacts = {
      method: 'GET',
      scheme: 'https',
      host: 'www.example.com',
      path: typeof path === 'string' ? path : route.id === 'all' ? '/' : `/${route.id}`,
      headers: {},
      cookies: {},
      query: {},
      client: { ip: '192.0.2.7' },
      nowMs,
      random: 0.5,
    }
    const decision = decide(facts, snapshot, nothingSeen(snapshot))
    if (decision.route?.id !== route.id) {
      fail(1, `${edge.name}: ${facts.path} is not of route ${route.id}`)
    }
    checkDecision(snapshot, route, decision)
  }
}

function checkDecision(snapshot: Snapshot, route: CompiledRoute, decision: Decision): void {
  // Whom an operator sheds from a pool it takes as no last resort either: of those that shed nothing is asked.
  const { ours, spare } = poolsOf(snapshot, route)
  const others = (spare ? [...ours, spare] : ours).filter(isWhole)
  if (decision.type !== 'steer') {
    // A part that a pool gives away while it serves the others is told to come again.
    const isPart = decision.type === 'refuse' && decision.reason.type === 'overloaded'
    if (isPart && (spare ? [...ours, spare] : ours).some(shedsSome)) return
    const isServable = spare
      ? others.some(hasWell) || (isWhole(spare) && isInService(spare))
      : others.some(isInService)
    if (isServable) fail(1, `route ${route.id} is all off: ${describe(snapshot)}`)
    return
  }
  const isBad = decision.attempts.some(isUnhealthy)
  const first = others.find(({ id }) => id === decision.attempts[0]?.pool)
  const isShort = first !== undefined && !hasWell(first)
  if ((isBad || isShort) && others.some(hasWell)) {
    const ids = decision.attempts.map(({ id }) => id)
    fail(2, `route ${route.id} goes to ${ids.join(', ')}: ${describe(snapshot)}`)
  }
}

interface Pools {
  readonly ours: readonly CompiledPool[]
  readonly spare: CompiledPool | undefined
}

function poolsOf({ pools }: Snapshot, { steer }: CompiledRoute): Pools {
  const ours = steer?.pools.flatMap((at) => pools[at] ?? []) ?? []
  const spare = steer?.fallback === undefined ? undefined : pools[steer.fallback]
  return { ours, spare }
}

/** Whether no operator takes load off it. */
function shedsSome(pool: CompiledPool): boolean {
  const { newPercent = 0 } = pool.shed ?? {}
  return newPercent > 0 && newPercent < 100 && !pool.standing && pool.origins.some(isAble)
}

function isAble({ standing }: CompiledOrigin): boolean {
  return standing === undefined
}

function isWhole({ shed }: CompiledPool): boolean {
  return shed === undefined
}

/** Whether some origin of it is not in maintenance. */
function isInService({ standing, origins }: CompiledPool): boolean {
  return (
    standing?.type !== 'maintenance' &&
    origins.some((origin) => origin.standing?.type !== 'maintenance')
  )
}

/** Whether some origin of it may serve, with or without a share of its own yet. */
function hasWell({ standing, origins, minimumOrigins }: CompiledPool): boolean {
  const isOpen = standing === undefined || standing.type === 'not-admitted'
  const well = origins.filter((each) => !each.standing || each.standing.type === 'not-admitted')
  return isOpen && well.length >= minimumOrigins
}

function isUnhealthy({ standing }: CompiledOrigin): boolean {
  return standing?.type === 'unhealthy'
}

function describe({ pools, generation }: Snapshot): string {
  const words = pools.map(({ id, standing, sharePercent, origins }) => {
    const each = origins.map((origin) =>
      [origin.id, origin.standing?.type ?? 'ready', origin.sharePercent].join(' '),
    )
    return `${id} ${standing?.type ?? 'ready'} ${sharePercent} (${each.join(', ')})`
  })
  return `generation ${generation}: ${words.join('; ')}`
}
