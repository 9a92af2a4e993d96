import type { Config } from '../../src/schema/config.ts'
import type { ProbeRegion } from '../../src/schema/monitor.ts'
import { packRegion, toProbers, toShardPlan } from '../../src/state/prober/plan.ts'
import { method } from '../machine.ts'
import { PlanInput, type TrafficMethods } from '../traffic-methods.ts'
import { Nothing } from '../wire.ts'
import type { ControlShell, Facet } from './facet.ts'

/** What probers ask for. */
export type ProbingMethods = Pick<TrafficMethods, 'probePlan' | 'probers'>

/** Who probes, and what: it follows from the configuration in force alone. */
export function probingFacet(shell: ControlShell): Facet<ProbingMethods> {
  const revisionOf = () => shell.state().log.current
  const packed = keepPacked()
  return {
    methods: {
      probePlan: method(PlanInput, ({ name, revision }) => {
        const config = shell.config()
        // A configuration that this release cannot read is no reason to stop probing by the last one.
        if (config === undefined || revision === revisionOf()) return null
        const shards = packed.get(config, name.region)
        return toShardPlan(config, revisionOf(), shards[name.shard])
      }),
      probers: method(Nothing, () => {
        const config = shell.config()
        return { revision: revisionOf(), items: config === undefined ? [] : toProbers(config) }
      }),
    },
  }
}

type Packed = ReturnType<typeof packRegion>

/** Packs a region once for a configuration: after a new revision every prober asks, a thousand of them or more. */
function keepPacked() {
  let of: Config | undefined
  let regions = new Map<ProbeRegion, Packed>()
  return {
    get(config: Config, region: ProbeRegion): Packed {
      if (config !== of) {
        of = config
        regions = new Map()
      }
      const known = regions.get(region) ?? packRegion(config, region)
      regions.set(region, known)
      return known
    },
  }
}
