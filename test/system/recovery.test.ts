import { expect, test } from 'vitest'
import { startCrowd } from '../support/crowd.ts'
import { poolOf, watchSteps } from '../support/operator.ts'
import { probed, startProbed, well } from '../support/probed.ts'
import { diesAndReturns, lose, startRegions } from '../support/regions.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

test('a lost region comes back by its steps: no client errs, none goes back and forth, the others stay', async () => {
  const regions = await startRegions()
  const { us, router, crowd } = regions
  const homes = [...crowd.present()]
  await lose(regions)
  expect((await poolOf(router, 'us')).isDown).toBe(true)
  await us.revive()
  const percents = await watchSteps(router, 'pool:us')
  expect(percents.filter((percent) => percent > 0)).toEqual([10, 25, 50, 75, 100])
  await until(() => crowd.census()['us'] === homes.filter((home) => home === 'us').length)
  const tally = await crowd.stop()
  expect(Object.keys(tally)).toEqual(['200'])
  // Whose home was lost was elsewhere for a while, at one place, and came back once; nobody else ever moved.
  const moved = crowd.histories.filter(([home]) => home === 'us')
  expect(moved.every((history) => history.length === 3 && history[2] === 'us')).toBe(true)
  const stayed = crowd.histories.filter(([home]) => home !== 'us')
  expect(stayed.every((history) => history.length === 1)).toBe(true)
}, 120_000)

test('one origin of a pool that stays up comes back by a ramp of its own', async () => {
  const [one, two, three] = [
    await stageOrigin('us-1', well),
    await stageOrigin('us-2', well),
    await stageOrigin('us-3', well),
  ]
  const router = await startProbed(
    probed({ us: [one, two, three] }, { us: 1 }, { balance: { algorithm: 'hash' } }),
  )
  const crowd = startCrowd(router, 90)
  await until(() => crowd.rounds >= 1)
  const homes = crowd.present()
  await diesAndReturns(router, one)
  expect(await poolOf(router, 'us')).toMatchObject({ sharePercent: 100, isDown: false })
  const percents = await watchSteps(router, 'origin:us-1')
  expect(percents).toEqual([10, 25, 50, 75, 100])
  await until(() => crowd.census()['us-1'] === homes.filter((home) => home === 'us-1').length)
  expect(Object.keys(await crowd.stop())).toEqual(['200'])
  const stayed = crowd.histories.filter(([home]) => home !== 'us-1')
  expect(stayed.every((history) => history.length === 1)).toBe(true)
}, 120_000)
