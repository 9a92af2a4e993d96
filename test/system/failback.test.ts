import { expect, test } from 'vitest'
import { startCrowd } from '../support/crowd.ts'
import {
  call,
  move,
  originOf,
  poolOf,
  rampOf,
  untilHeard,
  watchSteps,
} from '../support/operator.ts'
import { type PoolParts, probed, requestsOf, startProbed, well } from '../support/probed.ts'
import { diesAndReturns } from '../support/regions.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const WEIGHTS = { us: 50, eu: 50 }

async function startTwo(parts: PoolParts) {
  const [us, eu] = [await stageOrigin('us', well), await stageOrigin('eu', well)]
  const router = await startProbed(probed({ us: [us], eu: [eu] }, WEIGHTS, parts))
  return { us, router, crowd: startCrowd(router, 60) }
}

test('failback "manual" keeps a region that is well again out until somebody promotes it', async () => {
  const { us, router, crowd } = await startTwo({ failback: { mode: 'manual' } })
  await diesAndReturns(router, us)
  await until(async () => (await rampOf(router, 'pool:us'))?.phase === 'waiting')
  expect(await poolOf(router, 'us')).toMatchObject({
    usable: 1,
    isDown: false,
    sharePercent: 0,
    ramp: { why: 'well, and waits for an operator: failback is manual' },
  })
  await untilHeard(router)
  const before = requestsOf(us)
  const { rounds } = crowd
  await until(() => crowd.rounds > rounds + 5)
  expect(requestsOf(us)).toBe(before)

  const told = { reason: 'the disk is new' }
  await move(router, { method: 'POST', path: '/v1/ramps/pool:us/promote', body: told })
  expect((await watchSteps(router, 'pool:us', (percent) => percent >= 25)).at(-1)).toBe(25)
  await until(() => requestsOf(us) > before)
  // Nothing is left to be promoted past once it is done with it.
  await move(router, { method: 'POST', path: '/v1/ramps/pool:us/abort' })
  expect((await poolOf(router, 'us')).sharePercent).toBe(0)
  const again = { method: 'POST', path: '/v1/ramps/pool:us/abort' }
  expect((await call(router, again)).status).toBe(409)
  expect(Object.keys(await crowd.stop())).toEqual(['200'])
}, 120_000)

test('a region comes back only once it has been well for the delay of its failback', async () => {
  const { us, router } = await startTwo({ failback: { delay: '3s' } })
  await diesAndReturns(router, us)
  const { sharePercent, ramp } = await poolOf(router, 'us')
  expect([sharePercent, ramp?.why]).toEqual([0, expect.stringMatching(/^well for \d s of 3 s$/)])
  await until(async () => (await poolOf(router, 'us')).sharePercent > 0)
  const { sinceMs = 0, startedAtMs = 0 } = (await rampOf(router, 'pool:us')) ?? {}
  expect(sinceMs - startedAtMs).toBeGreaterThanOrEqual(3000)
}, 120_000)

test('maintenance ends by itself at its time, and what comes back does so by steps', async () => {
  const { router, crowd } = await startTwo({})
  await until(() => crowd.rounds >= 1)
  const untilMs = Date.now() + 6000
  const body = { state: 'maintenance', reason: 'a patch', until: new Date(untilMs).toISOString() }
  await move(router, { method: 'PUT', path: '/v1/origins/us/state', body })
  expect(await originOf(router, 'us')).toMatchObject({
    state: 'maintenance',
    override: { state: 'maintenance', reason: 'a patch', by: 'root', untilMs },
  })
  expect(await poolOf(router, 'us')).toMatchObject({ isDown: true, usable: 0 })
  await until(() => crowd.census()['us'] === undefined)
  await until(async () => (await originOf(router, 'us')).state === 'ready')
  expect(Date.now()).toBeGreaterThanOrEqual(untilMs)
  expect(await watchSteps(router, 'pool:us', (percent) => percent >= 25)).toEqual([10, 25])
  const { body: log } = await call(router, { method: 'GET', path: '/v1/audit?limit=1' })
  expect(log).toMatchObject({
    items: [{ action: 'state.end', target: 'origin:us', actor: { name: 'portolan' } }],
  })
  expect(Object.keys(await crowd.stop())).toEqual(['200'])
}, 120_000)
