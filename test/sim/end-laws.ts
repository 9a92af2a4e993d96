import { isRampOver } from '../../src/state/ramp/state.ts'
import type { World } from './world.ts'

/** What is not yet as it must be in the end: law 6, and the "finally" of law 5, of docs/simulation.md. */
export function complaintsOf(world: World): string[] {
  const { control, effectLaws } = world
  const { outbox, messages, landings, confirmations, overrides, conditions, log } = control.state
  const waiting = { landings, confirmations, overrides, messages, routes: conditions.routes }
  const dropped = Object.values(outbox.receivers).reduce((sum, each) => sum + each.dropped, 0)
  return [
    ...Object.entries(waiting).flatMap(([name, entries]) => {
      const ids = Object.keys(entries)
      return ids.length === 0 ? [] : [`${name}: ${ids.join(', ')}`]
    }),
    ...world.setting.origins.flatMap((id) => aboutOrigin(world, id)),
    ...aboutRamps(world),
    ...world.edges.flatMap(({ name, snapshot }) =>
      snapshot?.generation === log.generation
        ? []
        : [`${name} has generation ${snapshot?.generation} of ${log.generation}`],
    ),
    ...(log.published === log.generation
      ? []
      : [`published ${log.published} of ${log.generation}`]),
    ...effectLaws.owed(dropped),
  ]
}

function aboutOrigin(world: World, id: string): string[] {
  const truth = world.truth.of(id).type
  const { standing } = world.origin(id).state
  const known = world.control.state.origins[id]
  const wanted = truth === 'dead' ? 'unhealthy' : 'healthy'
  if (standing.health !== wanted) {
    return [`${id} is ${truth} and called ${standing.health}: ${standing.evidence}`]
  }
  if (known?.health !== wanted || known.sequence !== standing.sequence) {
    return [`control has not heard that ${id} is ${wanted}`]
  }
  const share = world.control.state.conditions.origins[id]?.sharePercent ?? 100
  return truth === 'well' && share < 100 ? [`${id} has ${share} %`] : []
}

/** Ramps come to their end, but for those of what is really down. */
function aboutRamps({ control, truth, setting }: World): string[] {
  const { ramps, conditions } = control.state
  const isDead = (id: string) => truth.of(id).type === 'dead'
  const open = Object.values(ramps).filter(({ subject, ...ramp }) => {
    if (isRampOver(ramp)) return false
    const own = setting.origins.filter((id) => id === subject.id || id.startsWith(`${subject.id}-`))
    return !own.some(isDead)
  })
  const shares = setting.pools.flatMap((id) => {
    const share = conditions.pools[id]?.sharePercent ?? 100
    const isWell = !setting.origins.some((each) => each.startsWith(`${id}-`) && isDead(each))
    return isWell && share < 100 ? [`pool ${id} has ${share} %`] : []
  })
  return [...open.map(({ id, phase, percent }) => `${id} is ${phase} at ${percent} %`), ...shares]
}
