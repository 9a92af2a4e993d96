import { expect, it } from 'vitest'
import { createTrials } from '../../durable/probe/trials.ts'
import { Monitor } from '../../src/schema/monitor.ts'
import { toProbePlan } from '../../src/state/prober/plan.ts'
import { parseConfig } from '../../src/schema/parse-config.ts'

/** An origin whose monitor wants a secret that is not there: a trial of it sends nothing. */
function target() {
  const monitor: Monitor = Monitor.parse({ headers: { 'x-key': { secret: 'GONE' } } })
  const parsed = parseConfig({
    monitors: { web: {} },
    pools: { us: { monitor: 'web', origins: { 'us-1': { url: 'https://us-1.example.com' } } } },
  })
  if (!parsed.ok) throw new Error('no configuration')
  const [found] = toProbePlan(parsed.config, 1, { region: 'weur', shard: 0 }).targets
  if (found === undefined) throw new Error('no target')
  return { ...found, monitors: [{ id: 'web', monitor }] }
}

it('a trial that could not get its place gives it back', async () => {
  let isBroken = true
  const trials = createTrials({}, async () => {
    if (isBroken) throw new Error('the disk is full')
  })
  for (let round = 0; round < 3; round += 1) {
    await expect(trials.run([target()])).rejects.toThrow('the disk is full')
  }
  isBroken = false
  const [trial] = await trials.run([target()])
  expect(trial).toMatchObject({ origin: 'us-1', monitor: 'web', ok: false })
})
