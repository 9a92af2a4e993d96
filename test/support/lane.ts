import { afterAll, beforeAll } from 'vitest'
import { type Origin, type Reply, startOrigin } from './origin.ts'
import type { PoolParts } from './probed.ts'
import { type RawOrigin, type RawScript, startRawOrigin } from './raw-origin.ts'
import { configure, openRouter, type Router, type RouterStatus } from './router.ts'
import { inLanes, type RouteParts } from './stage.ts'

/** How an origin of a lane is started, under the name that the lane gives it. */
export type Start<Kind extends Stage> = (id: string) => Promise<Kind>

type Stage = Pick<Origin, 'id' | 'url' | 'stop'>
type Starts = Readonly<Record<string, Start<Stage>>>

/** The origins of a lane by their names, the host whose requests go to them in their order, and the router. */
export type Lane<Wanted extends Starts> = {
  readonly [Name in keyof Wanted]: Awaited<ReturnType<Wanted[Name]>>
} & {
  readonly router: Router
  readonly host: string
  readonly url: string
  /** What the router says of the origins of this lane, in their order. */
  seen(this: void): Promise<RouterStatus['origins']>
}

interface Waiting {
  readonly starts: Starts
  readonly route: RouteParts
  readonly pool: PoolParts | undefined
  origins: Readonly<Record<string, Stage>>
}

/** An origin that answers so. */
export function http(reply?: Reply): Start<Origin> {
  return async (id) => {
    const origin = await startOrigin(id)
    if (reply) origin.answer(reply)
    return origin
  }
}

/** A raw origin that behaves so. */
export function raw(script: RawScript): Start<RawOrigin> {
  return (id) => startRawOrigin(id, script)
}

/** No origin: a name that nobody can look up. */
export async function unresolved(id: string): Promise<Stage> {
  return { id, url: 'http://origin.invalid', stop: async () => undefined }
}

/**
 * For a file of tests that want a router each, and nothing of it but a route and origins of their own: one router for
 * all of them, with a lane for each. Called once a file; what it returns is called where the tests are described, and
 * what that returns in the test. The origins of a lane are tried in their order, or, where it says what they are like
 * together, are one pool. What the router counts by itself, it counts for all lanes together.
 */
export function shareLanes(): <Wanted extends Starts>(
  starts: Wanted,
  route?: RouteParts,
  pool?: PoolParts,
) => () => Lane<Wanted> {
  const lanes: Waiting[] = []
  let router: Router
  beforeAll(async () => {
    for (const lane of lanes) lane.origins = await startAll(lane.starts)
    router = await openRouter()
    await configure(router, inLanes(lanes.map(toLane)))
  })
  afterAll(async () => {
    await router?.runtime.dispose()
    const origins = lanes.flatMap((lane) => Object.values(lane.origins))
    await Promise.all(origins.map((origin) => origin.stop()))
  })
  return <Wanted extends Starts>(starts: Wanted, route: RouteParts = {}, pool?: PoolParts) => {
    const lane: Waiting = { starts, route, pool, origins: {} }
    const at = lanes.push(lane) - 1
    const host = hostOf(at)
    const seen = () => seenOf(router, toLane(lane, at).origins)
    // Each name has what its own start gave.
    return () => ({ ...lane.origins, router, host, url: `http://${host}/`, seen }) as Lane<Wanted>
  }
}

async function startAll(starts: Starts): Promise<Record<string, Stage>> {
  const entries = Object.entries(starts).map(async ([id, start]) => [id, await start(id)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

function toLane({ origins, route, pool }: Waiting, at: number) {
  const named = Object.values(origins).map(({ id, url }) => ({ id: `${id}-${at}`, url }))
  return { host: hostOf(at), origins: named, route, ...(pool && { pool }) }
}

function hostOf(at: number): string {
  return `lane-${at}.test`
}

async function seenOf(router: Router, named: readonly { readonly id: string }[]) {
  const { origins } = await router.status()
  return named.flatMap(({ id }) => origins.filter(({ origin }) => origin === id))
}
