import { expect, test } from 'vitest'
import { startCrowd } from '../support/crowd.ts'
import { header } from '../support/client.ts'
import { call, move, poolOf, rampOf, watchSteps } from '../support/operator.ts'
import { probed, startProbed, well } from '../support/probed.ts'
import { fromEdge, type Router } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

/** Within so long a change of weights is to be in effect everywhere. */
const BOUND_MS = 10_000

async function startTwo(weights: Readonly<Record<string, number>> = { us: 50, eu: 50 }) {
  const [us, eu] = [await stageOrigin('us', well), await stageOrigin('eu', well)]
  return startProbed(probed({ us: [us], eu: [eu] }, weights), { worker: 'observed' })
}

/** How many of these clients another isolate sends to `us`. */
async function censusOfSecond(router: Router, clients: number): Promise<number> {
  const origins = await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const headers = [
        ['Host', 'shop.test'],
        ['rig-isolate', 'second'],
        ...fromEdge(`198.18.9.${client + 1}`),
      ] as const
      return header(await router.send('/', { headers }), 'portolan-origin')
    }),
  )
  return origins.filter((origin) => origin === 'us').length
}

/** The weights of the route as the configuration in force has them, and its revision. */
async function weightsOf(router: Router): Promise<{ revision: number; weights: unknown }> {
  const { text, headers } = await router.admin('GET', '/_portolan/v1/config')
  const { routes } = JSON.parse(text)
  const revision = Number(header({ headers }, 'etag')?.replaceAll('"', ''))
  return { revision, weights: routes.shop.steer.weights }
}

const PATH = '/v1/routes/shop/weights'

test('weights that an operator sets are in effect in every isolate within ten seconds', async () => {
  const router = await startTwo()
  expect(await censusOfSecond(router, 60)).toBeGreaterThan(20)
  const { revision } = await weightsOf(router)
  const body = { weights: { us: 10, eu: 90 }, reason: 'us is busy' }
  const beganMs = Date.now()
  const done = await move(router, { method: 'PUT', path: PATH, body, ifMatch: `"${revision}"` })
  expect(done.revision).toBe(revision + 1)
  await until(async () => (await censusOfSecond(router, 60)) < 15)
  expect(Date.now() - beganMs).toBeLessThan(BOUND_MS)
  expect(await weightsOf(router)).toEqual({ revision: revision + 1, weights: { us: 10, eu: 90 } })
  // Who has not seen that change makes none.
  const late = { method: 'PUT', path: PATH, body: { weights: { us: 50, eu: 50 } } }
  const { status, body: refused } = await call(router, { ...late, ifMatch: `"${revision}"` })
  expect([status, refused]).toMatchObject([412, { revision: revision + 1 }])
}, 120_000)

test('a shift goes by its steps, obeys its commands, and lands as a revision', async () => {
  const router = await startTwo({ us: 100, eu: 0 })
  const crowd = startCrowd(router, 60)
  await until(() => crowd.rounds >= 1)
  const { revision } = await weightsOf(router)
  const body = { route: 'shop', to: { us: 20, eu: 80 }, ramp: 'quick', reason: 'us moves' }
  const { ramp } = await move(router, { method: 'POST', path: '/v1/shifts', body })
  const id = ramp?.id ?? ''
  const tell = (command: string) =>
    move(router, { method: 'POST', path: `/v1/shifts/${id}/${command}` })
  expect(ramp).toMatchObject({ use: 'shift', percent: 10, from: { us: 100, eu: 0 } })
  const twice = await call(router, { method: 'POST', path: '/v1/shifts', body })
  expect(twice.status).toBe(409)

  await watchSteps(router, id, (percent) => percent === 25)
  expect((await tell('pause')).ramp).toMatchObject({ phase: 'paused', percent: 25 })
  expect((await rampOf(router, id))?.why).toBe('paused by an operator at 25 %')
  expect((await tell('step-back')).ramp?.percent).toBe(10)
  await tell('resume')
  expect((await tell('promote')).ramp?.percent).toBe(25)
  expect((await watchSteps(router, id)).at(-1)).toBe(100)
  await until(async () => (await weightsOf(router)).revision > revision)
  expect(await weightsOf(router)).toEqual({ revision: revision + 1, weights: { us: 20, eu: 80 } })
  await until(() => (crowd.census()['eu'] ?? 0) > 35)
  expect(Object.keys(await crowd.stop())).toEqual(['200'])
}, 120_000)

test('a shift that is aborted leaves everything as it was', async () => {
  const router = await startTwo({ us: 100, eu: 0 })
  const before = await weightsOf(router)
  const crowd = startCrowd(router, 60)
  const body = { route: 'shop', to: { us: 0, eu: 100 }, ramp: 'quick' }
  const { ramp } = await move(router, { method: 'POST', path: '/v1/shifts', body })
  const id = ramp?.id ?? ''
  await watchSteps(router, id, (percent) => percent === 25)
  await until(() => (crowd.census()['eu'] ?? 0) > 0)
  const path = `/v1/shifts/${id}/abort`
  const aborted = await move(router, { method: 'POST', path, body: { how: 'in-steps' } })
  expect(aborted.ramp).toMatchObject({ phase: 'stepping', percent: 25 })
  await until(async () => (await rampOf(router, id))?.phase === 'aborted')
  await until(() => crowd.census()['eu'] === undefined)
  expect(await weightsOf(router)).toEqual(before)
  expect(Object.keys(await crowd.stop())).toEqual(['200'])
}, 120_000)

test('a change that nobody confirms takes itself back, and one that is confirmed stays', async () => {
  const router = await startTwo()
  const weights = { us: 30, eu: 70 }
  const path = `${PATH}?confirmWithin=10s`
  const kept = await move(router, { method: 'PUT', path, body: { weights } })
  const id = kept.confirmation?.id ?? ''
  await move(router, { method: 'POST', path: `/v1/confirmations/${id}` })

  const state = { state: 'drain', reason: 'only a try' }
  const drain = '/v1/pools/us/state?confirmWithin=10s'
  await move(router, { method: 'PUT', path: drain, body: state })
  const { confirmation } = await move(router, {
    method: 'PUT',
    path,
    body: { weights: { us: 45, eu: 55 } },
  })
  expect((confirmation?.dueAtMs ?? 0) - Date.now()).toBeGreaterThan(8000)
  await until(async () => {
    const isBack = (await poolOf(router, 'us')).state === 'ready'
    return isBack && JSON.stringify((await weightsOf(router)).weights) === JSON.stringify(weights)
  })
  expect(Date.now()).toBeGreaterThanOrEqual(confirmation?.dueAtMs ?? Infinity)
  const { body: waiting } = await call(router, { method: 'GET', path: '/v1/confirmations' })
  expect(waiting).toEqual({ items: [] })
}, 120_000)

test('an interlock refuses with its numbers, and who goes past it stands in the audit log', async () => {
  const router = await startTwo()
  const change = { method: 'PUT', body: { weights: { us: 0, eu: 100 }, reason: 'fire' } }
  await move(router, { ...change, path: PATH })
  const off = { method: 'PUT', body: { state: 'maintenance', reason: 'fire' } }
  const refused = await call(router, { ...off, path: '/v1/pools/eu/state' })
  expect(refused).toMatchObject({
    status: 409,
    body: { reason: 'interlock', interlocks: expect.any(Array) },
  })
  expect(await poolOf(router, 'eu')).toMatchObject({ state: 'ready' })
  const past = await move(router, { ...off, path: '/v1/pools/eu/state?override=true' })
  expect(past.overrode.length).toBeGreaterThan(0)
  const { body: log } = await call(router, { method: 'GET', path: '/v1/audit?limit=1' })
  expect(log).toMatchObject({
    items: [{ action: 'state.set', target: 'pool:eu', reason: 'fire', overrode: past.overrode }],
  })
  const verdict = await call(router, { method: 'GET', path: '/v1/audit/verify' })
  expect(verdict.body).toMatchObject({ ok: true })
}, 120_000)
