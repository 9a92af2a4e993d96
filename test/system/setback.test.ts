import { expect, test } from 'vitest'
import { poolOf, watchSteps } from '../support/operator.ts'
import { well } from '../support/probed.ts'
import { lose, startRegions } from '../support/regions.ts'
import { after, reply } from '../support/reply.ts'
import { until } from '../support/until.ts'

test('a region that turns slow on its way goes back one step, and on again once it is mended', async () => {
  const regions = await startRegions({ recovery: 'keen' })
  const { us, router, crowd } = regions
  await lose(regions)
  await us.revive()
  await watchSteps(router, 'pool:us', (percent) => percent === 50)
  us.answer(after(800, reply({ body: 'slow' })))
  let seen = await poolOf(router, 'us')
  await until(async () => {
    seen = await poolOf(router, 'us')
    return seen.sharePercent < 50
  })
  const { sharePercent, ramp } = seen
  expect(sharePercent).toBe(25)
  expect(ramp?.why).toMatch(/^back to 25 %: p95 \d+ ms of \d+ requests, peers \d+ ms; step 2 of 5/)
  us.answer(well)
  // What was slow may still be reported after the step back, and cost another one.
  const [first, ...later] = await watchSteps(router, 'pool:us', (percent) => percent === 50)
  expect([first, later.at(-1)]).toEqual([25, 50])
  expect(Object.keys(await crowd.stop())).toEqual(['200'])
}, 120_000)
