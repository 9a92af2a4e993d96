import { toProbePlan, toProbers } from '../../src/state/probe-plan.ts'
import { method } from '../machine.ts'
import { PlanInput, type TrafficMethods } from '../traffic-methods.ts'
import { Nothing } from '../wire.ts'
import type { ControlShell, Facet } from './facet.ts'

/** What probers ask for. */
export type ProbingMethods = Pick<TrafficMethods, 'probePlan' | 'probers'>

/** Who probes, and what: it follows from the configuration in force alone. */
export function probingFacet(shell: ControlShell): Facet<ProbingMethods> {
  const revisionOf = () => shell.state().log.current
  return {
    methods: {
      probePlan: method(PlanInput, ({ name, revision }) => {
        const config = shell.config()
        // A configuration that this release cannot read is no reason to stop probing by the last one.
        if (config === undefined || revision === revisionOf()) return null
        return toProbePlan(config, revisionOf(), name)
      }),
      probers: method(Nothing, () => {
        const config = shell.config()
        return { revision: revisionOf(), items: config === undefined ? [] : toProbers(config) }
      }),
    },
  }
}
