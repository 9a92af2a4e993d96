import type * as z from 'zod'
import { Config, Settings } from '../src/schema/config.ts'
import { Origin, Pool } from '../src/schema/pool.ts'
import { Route } from '../src/schema/route.ts'

/**
 * What the schema gives for keys that are not there, as src/schema/defaults.json has it: an isolate that only passes
 * requests reads that file, where the schema itself would be half of its start.
 */
export function toDefaults() {
  return {
    config: defaultsOf(Config.shape),
    settings: defaultsOf(Settings.shape),
    pool: defaultsOf(Pool.shape),
    outlier: Pool.shape.outlier.parse({}),
    origin: defaultsOf(Origin.shape),
    route: defaultsOf(Route.shape),
  }
}

function defaultsOf(shape: Readonly<Record<string, z.ZodType>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(shape).flatMap(([key, type]): [string, unknown][] => {
    const parsed = type.safeParse(undefined)
    return parsed.success && parsed.data !== undefined ? [[key, parsed.data]] : []
  })
  return Object.fromEntries(entries)
}
