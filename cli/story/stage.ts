import { stop as stopBundler } from 'esbuild'
import * as z from 'zod'
import type { Config } from '../../src/schema/config.ts'
import { askAdmin } from '../admin-call.ts'
import { putConfig, settleRevision } from '../admin-client.ts'
import { describeProblem, readConfigFile } from '../config-file.ts'
import { withUrls } from '../origin-urls.ts'
import { type DemoOrigin, startDemoOrigin } from '../demo-origin.ts'
import { readDeployment } from '../deployment.ts'
import { startRuntime } from '../runtime.ts'

const TOKEN = 'story'

/** How the router sees a pool. */
const PoolStanding = z.looseObject({
  usable: z.number(),
  sharePercent: z.number(),
  ramp: z.looseObject({ phase: z.string(), percent: z.number(), why: z.string() }).optional(),
})
export type PoolStanding = z.output<typeof PoolStanding>

/** A router in the real runtime and origins in three regions, which can be lost and brought back. */
export interface Stage {
  readonly url: string
  readonly pools: readonly string[]
  /** What a pool is given of the traffic when all is well, by its weight. */
  percentOf(pool: string): number
  /** Stops every origin of a pool: connections are refused. */
  lose(pool: string): Promise<void>
  /** Starts them again where they were. */
  restore(pool: string): Promise<void>
  /** From now on every origin of the pool answers so much later; 0 is as fast as it can. */
  delay(pool: string, ms: number): Promise<void>
  ask(pool: string): Promise<PoolStanding>
  close(): Promise<void>
}

/** What a stage has beside its origins. */
export interface Scenery {
  /** Secrets of the router by the names of their bindings. */
  readonly secrets?: Readonly<Record<string, string>>
  /** The configuration as it is played, such as with the ports that servers happen to have. */
  readonly adapt?: (authored: unknown) => unknown
}

/** Sets the stage with a configuration whose origins are called "<pool>-<number>". */
export async function setStage(
  configFile: string,
  { secrets = {}, adapt = (authored) => authored }: Scenery = {},
): Promise<Stage> {
  const file = readConfigFile(configFile)
  if (!file.ok) throw new Error(file.errors.join('\n'))
  const ids = Object.values(file.config.pools).flatMap(({ origins }) => Object.keys(origins))
  const origins = new Map<string, DemoOrigin>()
  for (const id of ids) origins.set(id, await startDemoOrigin({ id, city: id }, 0))
  const bindings = { ...secrets, PORTOLAN_ADMIN_TOKEN: TOKEN }
  const deployment = readDeployment()
  const runtime = await startRuntime({ host: '127.0.0.1', port: 0, bindings, deployment })
  await stopBundler()
  const url = runtime.url.origin
  const api = { url: `${url}${file.config.settings.prefix}`, token: TOKEN }
  const authored = adapt(withUrls(file.authored, [...origins.values()]))
  const applied = await putConfig(api, authored, 'apply')
  if (!applied.ok)
    throw new Error([applied.error, ...applied.problems.map(describeProblem)].join('\n'))
  await settleRevision(api, applied.applied.revision)
  const ofPool = (pool: string) =>
    [...origins.values()].filter(({ id }) => id.startsWith(`${pool}-`))
  return {
    url,
    pools: Object.keys(file.config.pools),
    percentOf: (pool) => percentOf(file.config, pool),
    async lose(pool) {
      await Promise.all(ofPool(pool).map((origin) => origin.stop()))
    },
    async restore(pool) {
      for (const { id, city, port } of ofPool(pool)) {
        origins.set(id, await startDemoOrigin({ id, city }, port))
      }
    },
    async delay(pool, ms) {
      const mood = ms === 0 ? 'mode=ok' : `mode=slow&ms=${ms}`
      await Promise.all(
        ofPool(pool).map((origin) => fetch(`${origin.url}/_demo?${mood}`, { method: 'POST' })),
      )
    },
    async ask(pool) {
      const answer = await askAdmin(api, { method: 'GET', path: `/v1/pools/${pool}` })
      return PoolStanding.parse(answer.body)
    },
    async close() {
      await runtime.dispose()
      await Promise.all([...origins.values()].map((origin) => origin.stop().catch(() => undefined)))
    },
  }
}

/** By the weights of the one route that there is. */
function percentOf({ routes }: Config, pool: string): number {
  const steer = Object.values(routes)[0]?.steer
  if (steer?.policy !== 'weighted') throw new Error('the story needs a route that goes by weights')
  const { members } = steer.weights
  const all = members.reduce((sum, { weight }) => sum + weight, 0)
  return (100 * (members.find((member) => member.pool === pool)?.weight ?? 0)) / all
}
