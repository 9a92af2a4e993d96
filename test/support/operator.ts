import { expect } from 'vitest'
import * as z from 'zod'
import { RampView } from '../../src/schema/traffic.ts'
import { MoveView, OriginReport, PoolReport } from '../../src/schema/traffic-answer.ts'
import { ADMIN_TOKEN, type Router } from './router.ts'
import { until } from './until.ts'

/** A call to the admin API by an operator: `path` begins behind the prefix, "/v1/…". */
export interface AdminCall {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly ifMatch?: string
}

/** What came of it. */
export interface AdminAnswer {
  readonly status: number
  readonly body: unknown
}

/** Makes a call with the token of the tests. */
export async function call(
  router: Router,
  { method, path, body, ifMatch }: AdminCall,
): Promise<AdminAnswer> {
  const { status, text } = await router.send(`/_portolan${path}`, {
    method,
    headers: [
      ['Host', 'www.example.com'],
      ['Authorization', `Bearer ${ADMIN_TOKEN}`],
      ...(ifMatch === undefined ? [] : [['If-Match', ifMatch] as const]),
    ],
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status, body: text === '' ? undefined : JSON.parse(text) }
}

/** Moves traffic, which has to be accepted. */
export async function move(router: Router, asked: AdminCall): Promise<z.output<typeof MoveView>> {
  const { status, body } = await call(router, asked)
  expect([status, body]).toMatchObject([200, { outcome: expect.anything() }])
  return MoveView.parse(body)
}

/** How the router sees a pool. */
export async function poolOf(router: Router, id: string): Promise<z.output<typeof PoolReport>> {
  return PoolReport.parse((await call(router, { method: 'GET', path: `/v1/pools/${id}` })).body)
}

/** How the router sees an origin. */
export async function originOf(router: Router, id: string): Promise<z.output<typeof OriginReport>> {
  return OriginReport.parse((await call(router, { method: 'GET', path: `/v1/origins/${id}` })).body)
}

/** A ramp that runs, or ended of late; undefined where there is none. */
export async function rampOf(router: Router, id: string): Promise<RampView | undefined> {
  const { status, body } = await call(router, { method: 'GET', path: `/v1/ramps/${id}` })
  return status === 404 ? undefined : RampView.parse(body)
}

/** Whether every one of these origins was probed and found well. */
export async function areHealthy(router: Router, ids: readonly string[]): Promise<boolean> {
  const views = await Promise.all(ids.map((id) => originOf(router, id)))
  return views.every(({ health }) => health === 'healthy')
}

/** Every percent at which a ramp stands, in order, until it is over or `isEnough`. */
export async function watchSteps(
  router: Router,
  ramp: string,
  isEnough: (percent: number) => boolean = () => false,
): Promise<number[]> {
  const percents: number[] = []
  for (;;) {
    let isOver = false
    await until(async () => {
      const { phase, percent = 0 } = (await rampOf(router, ramp)) ?? {}
      isOver = phase === 'done'
      if (phase === undefined || isOver) return isOver
      const hasMoved = percents.at(-1) !== percent
      if (hasMoved) percents.push(percent)
      return hasMoved
    })
    if (isOver || isEnough(percents.at(-1) ?? 0)) return percents
  }
}

/** Waits until the isolate that serves the tests goes by all that the control object has decided so far. */
export async function untilHeard(router: Router): Promise<void> {
  const body = { facts: { host: 'www.example.com' } }
  const { body: said } = await call(router, { method: 'POST', path: '/v1/explain', body })
  const { generation } = z.looseObject({ generation: z.number() }).parse(said)
  await until(async () => (await router.status()).generation >= generation)
}
