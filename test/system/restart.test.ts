import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startCrowd } from '../support/crowd.ts'
import { call, move, poolOf, rampOf, untilHeard, watchSteps } from '../support/operator.ts'
import { probed, startProbed, well } from '../support/probed.ts'
import { startBareRouter } from '../support/router.ts'
import { stageOrigin } from '../support/stage.ts'
import { until } from '../support/until.ts'

/** A directory for one test. */
function stageDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'portolan-restart-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('a runtime that ends in the middle of a ramp goes on with it, overrides and log included', async () => {
  const stateDir = stageDirectory()
  const [us, eu, ap] = [
    await stageOrigin('us', well),
    await stageOrigin('eu', well),
    await stageOrigin('ap', well),
  ]
  const config = probed({ us: [us], eu: [eu], ap: [ap] }, { us: 40, eu: 40, ap: 20 })
  const first = await startProbed(config, { stateDir })
  const crowd = startCrowd(first, 60)
  await until(() => crowd.rounds >= 1)
  const drain = { state: 'drain', reason: 'moves house' }
  await move(first, { method: 'PUT', path: '/v1/pools/ap/state', body: drain })
  await us.kill()
  await until(async () => (await poolOf(first, 'us')).usable === 0)
  await untilHeard(first)
  await us.revive()
  await watchSteps(first, 'pool:us', (percent) => percent === 50)
  const before = await rampOf(first, 'pool:us')
  expect(Object.keys(await crowd.stop())).toEqual(['200'])
  await first.runtime.dispose()

  const second = await startBareRouter({ stateDir })
  await until(async () => (await second.send('/_portolan/health/ready')).status === 200)
  const after = await rampOf(second, 'pool:us')
  expect(after).toMatchObject({ id: 'pool:us', startedAtMs: before?.startedAtMs })
  expect(after?.percent).toBeGreaterThanOrEqual(50)
  expect(await poolOf(second, 'ap')).toMatchObject({ state: 'drain', override: drain })
  const audit = await call(second, { method: 'GET', path: '/v1/audit/verify' })
  expect(audit.body).toMatchObject({ ok: true })

  const more = startCrowd(second, 60)
  expect((await watchSteps(second, 'pool:us')).at(-1)).toBe(100)
  await until(() => (more.census()['us'] ?? 0) > 20)
  expect(more.census()['ap']).toBeUndefined()
  expect(Object.keys(await more.stop())).toEqual(['200'])
}, 120_000)
