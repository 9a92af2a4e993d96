import { expect, test } from 'vitest'
import { poolOf, watchSteps } from '../support/operator.ts'
import { well } from '../support/probed.ts'
import { lose, startRegions } from '../support/regions.ts'
import { reply } from '../support/reply.ts'
import type { Router } from '../support/router.ts'
import { until } from '../support/until.ts'

/** How the pool stands when it is seen held: where it may come back, that ends within seconds. */
async function untilHeld(router: Router) {
  let seen = await poolOf(router, 'us')
  await until(async () => {
    seen = await poolOf(router, 'us')
    return seen.ramp?.phase === 'held'
  })
  return seen
}

test('a region that dies again on its way loses everything at once, is held down, and begins anew', async () => {
  const regions = await startRegions()
  const { us, router, crowd } = regions
  await lose(regions)
  await us.revive()
  await watchSteps(router, 'pool:us', (percent) => percent === 25)
  await us.kill()
  const { sharePercent, ramp } = await untilHeld(router)
  expect(sharePercent).toBe(0)
  expect(ramp?.why).toMatch(
    /^held for another \d+ s after a hard breach: (pool us is down|[\d.]+ % of \d+ requests failed)/,
  )
  // It may be back before this isolate has heard that it was gone.
  await us.revive()
  expect(await watchSteps(router, 'pool:us', (percent) => percent === 25)).toEqual([0, 10, 25])
  expect(Object.keys(await crowd.stop())).toEqual(['200'])
}, 90_000)

test('a region whose answers all fail although its probes are well loses everything at once', async () => {
  // Nothing but the gate of the ramp takes it out here.
  const outlier = { consecutive: 1000, minRequests: 1_000_000, ejection: '1s' }
  const regions = await startRegions({ outlier })
  const { us, router } = regions
  await lose(regions)
  await us.revive()
  await watchSteps(router, 'pool:us', (percent) => percent === 25)
  us.answer(async (exchange) => {
    const isProbe = exchange.received.target === '/health'
    await (isProbe ? well : reply({ status: 500 }))(exchange)
  })
  const { sharePercent, ramp } = await untilHeld(router)
  expect(sharePercent).toBe(0)
  expect(ramp?.why).toMatch(/after a hard breach: [\d.]+ % of \d+ requests failed/)
}, 90_000)
