import type { Config } from '../schema/config.ts'
import type { ProbeRegion } from '../schema/monitor.ts'
import type { ProbeTarget } from '../schema/probe-plan.ts'
import type { TrialReport, TrialView } from '../schema/traffic-answer.ts'
import { toProbePlan, toProbers } from '../state/prober/plan.ts'
import type { AdminDeps } from './resource.ts'

type Saw = { readonly items: readonly TrialView[] } | { readonly detail: string }

/**
 * Has every region that a configuration asks for try all its origins now, and gathers what each one saw. Nothing
 * of it is reported to any origin: a trial changes no health. `config` has only what is to be tried.
 */
export async function tryFromRegions(config: Config, deps: AdminDeps): Promise<TrialReport> {
  const targets = new Map<ProbeRegion, ProbeTarget[]>()
  for (const name of toProbers(config)) {
    const sofar = targets.get(name.region) ?? []
    targets.set(name.region, [...sofar, ...toProbePlan(config, 0, name).targets])
  }
  const regions = [...targets]
  const saw = await Promise.all(regions.map(([region, all]) => tryFrom(region, all, deps)))
  const items = saw.flatMap((each) => ('items' in each ? each.items : []))
  const unreachable = saw.flatMap((each, at) => {
    const region = regions[at]?.[0]
    return 'detail' in each && region !== undefined ? [{ region, detail: each.detail }] : []
  })
  return { items, unreachable }
}

/** The first prober of a region stands for it: all of its probers are in the same place. */
async function tryFrom(
  region: ProbeRegion,
  targets: readonly ProbeTarget[],
  { prober }: AdminDeps,
): Promise<Saw> {
  const called = await prober({ region, shard: 0 }).call('try', { targets: [...targets] })
  if (!called.ok) return { detail: `the prober did not answer: ${called.error.message}` }
  return { items: called.value.items.map((trial) => ({ region, ...trial })) }
}
