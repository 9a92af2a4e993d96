import type { Config } from '../src/schema/config.ts'
import { startDemoOrigin } from './demo-origin.ts'
import type { DemoOrigin } from './demo-origin.ts'
import { withUrls } from './origin-urls.ts'
import { withWrittenAnswers } from './written-answers.ts'

/** Each is a server of its own. */
const MOST_STAND_INS = 64

/** Demo origins in the place of the origins of a configuration, so that any configuration can be tried. */
export interface StandIns {
  /** The configuration as authored, with the addresses of the stand-ins. Starts those that it lacks. */
  takePlaces(authored: unknown, config: Config): Promise<unknown>
  readonly origins: readonly DemoOrigin[]
  stop(): Promise<void>
}

/** A line that says why a configuration can have no stand-ins, if so. */
export function findTooMany(config: Config): string | undefined {
  const count = idsOf(config).length
  if (count <= MOST_STAND_INS) return undefined
  return `--stand-ins starts a server for each origin, at most ${MOST_STAND_INS}: this configuration has ${count}`
}

/** Nobody stands in yet. They take the ports after `port` where those are free; with 0, any. */
export function createStandIns(port: number): StandIns {
  const origins: DemoOrigin[] = []
  return {
    origins,
    takePlaces: async (authored, config) => {
      for (const { id, pool } of idsOf(config).slice(0, MOST_STAND_INS)) {
        if (origins.some((origin) => origin.id === id)) continue
        const wanted = port === 0 ? 0 : port + 1 + origins.length
        // One after the other, so that their ports are in order.
        origins.push(await startDemoOrigin({ id, city: pool }, wanted))
      }
      return withUrls(withWrittenAnswers(authored, config), origins)
    },
    stop: async () => {
      await Promise.all(origins.map((origin) => origin.stop()))
    },
  }
}

function idsOf({ pools }: Config): { readonly id: string; readonly pool: string }[] {
  return Object.entries(pools).flatMap(([pool, { origins }]) =>
    Object.keys(origins).map((id) => ({ id, pool })),
  )
}
