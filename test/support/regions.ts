import type { AuthoredConfig } from '../../src/schema/config.ts'
import { type Crowd, startCrowd } from './crowd.ts'
import { originOf, poolOf, untilHeard } from './operator.ts'
import type { Origin } from './origin.ts'
import { type PoolParts, probed, startProbed, well } from './probed.ts'
import type { Router } from './router.ts'
import { stageOrigin } from './stage.ts'
import { until } from './until.ts'

/** How the clients of the three regions are divided. */
const WEIGHTS = { us: 40, eu: 35, ap: 25 }
const CLIENTS = 150

/** A router in front of three regions, all well, and a crowd of clients that has been answered once. */
export interface Regions {
  /** The only origin of its region, so that who answers is also where. */
  readonly us: Origin
  readonly router: Router
  readonly crowd: Crowd
  readonly config: AuthoredConfig
}

/** Starts three regions of one origin each, whose pools come back by the ramp `quick`. */
export async function startRegions(parts: PoolParts = {}): Promise<Regions> {
  const [us, eu, ap] = [
    await stageOrigin('us', well),
    await stageOrigin('eu', well),
    await stageOrigin('ap', well),
  ]
  const config = probed({ us: [us], eu: [eu], ap: [ap] }, WEIGHTS, parts)
  const router = await startProbed(config)
  const crowd = startCrowd(router, CLIENTS)
  await until(() => crowd.rounds >= 1)
  return { us, router, crowd, config }
}

/** Loses `us`, until it is out for the isolate too and no client is answered by it any more. */
export async function lose({ us, router, crowd }: Regions): Promise<void> {
  await us.kill()
  await until(async () => (await poolOf(router, us.id)).usable === 0)
  await untilHeard(router)
  await until(() => crowd.census()[us.id] === undefined)
}

/** An origin dies and comes back, its probes have seen both, and the isolate has heard at least the first. */
export async function diesAndReturns(router: Router, origin: Origin): Promise<void> {
  await origin.kill()
  await until(async () => (await originOf(router, origin.id)).health === 'unhealthy')
  await untilHeard(router)
  await origin.revive()
  await until(async () => (await originOf(router, origin.id)).health === 'healthy')
}
