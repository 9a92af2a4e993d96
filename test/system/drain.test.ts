import { expect, test } from 'vitest'
import { startCrowd } from '../support/crowd.ts'
import { move, poolOf, untilHeard, watchSteps } from '../support/operator.ts'
import { probed, requestsOf, startProbed, well } from '../support/probed.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

const WEIGHTS = { us: 50, eu: 50 }
/** Long enough for all that is under way when a change is heard to be answered. */
const ROUNDS = 5

async function startTwo() {
  const [us, eu] = [await stageOrigin('us', well), await stageOrigin('eu', well)]
  const router = await startProbed(probed({ us: [us], eu: [eu] }, WEIGHTS))
  const crowd = startCrowd(router, 60)
  await until(() => crowd.rounds >= 1)
  return { us, router, crowd, homes: crowd.present() }
}

type Two = Awaited<ReturnType<typeof startTwo>>

/** Whether no request reaches the region any more. */
async function isLeft({ us, router, crowd }: Two): Promise<boolean> {
  await untilHeard(router)
  const { rounds } = crowd
  await until(() => crowd.rounds > rounds)
  const before = requestsOf(us)
  await until(() => crowd.rounds > rounds + ROUNDS)
  return requestsOf(us) === before
}

function set(two: Two, body: object) {
  return move(two.router, { method: 'PUT', path: '/v1/pools/us/state', body })
}

test('a region is drained by steps, and comes back by steps', async () => {
  const two = await startTwo()
  const { router, crowd, homes } = two
  const drain = { state: 'drain', reason: 'new racks', ramp: 'quick' }
  const { ramp } = await set(two, drain)
  expect(ramp).toMatchObject({ id: 'pool:us', use: 'drain', phase: 'stepping', percent: 10 })
  expect(await poolOf(router, 'us')).toMatchObject({ state: 'ready', sharePercent: 90 })
  const left = await watchSteps(router, 'pool:us')
  expect(left).toEqual([10, 25, 50, 75, 100])
  expect(await poolOf(router, 'us')).toMatchObject({ state: 'drain', sharePercent: 100 })
  expect(await isLeft(two)).toBe(true)
  expect((await set(two, drain)).outcome).toBe('unchanged')

  await set(two, { state: 'ready', reason: 'they are in' })
  expect((await poolOf(router, 'us')).ramp?.use).toBe('recovery')
  expect(await watchSteps(router, 'pool:us')).toEqual([10, 25, 50, 75, 100])
  await until(() => crowd.census()['us'] === homes.filter((home) => home === 'us').length)
  expect(Object.keys(await crowd.stop())).toEqual(['200'])
  const stayed = crowd.histories.filter(([home]) => home !== 'us')
  expect(stayed.every((history) => history.length === 1)).toBe(true)
}, 90_000)

test('a region is drained at once, without a client error', async () => {
  const two = await startTwo()
  const beganMs = Date.now()
  await set(two, { state: 'drain', reason: 'smoke' })
  await until(() => two.crowd.census()['us'] === undefined)
  expect(Date.now() - beganMs).toBeLessThan(10_000)
  expect(await isLeft(two)).toBe(true)
  expect(Object.keys(await two.crowd.stop())).toEqual(['200'])
}, 60_000)
