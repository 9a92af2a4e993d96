import { withAuthoredWeights } from '../../src/state/traffic/authored.ts'
import type { RampSubject } from '../../src/schema/traffic.ts'
import { isRampOver, type RampState } from '../../src/state/ramp/state.ts'
import { entryOf } from './control-life.ts'
import type { World } from './world.ts'

const ADA = { name: 'ada', from: '192.0.2.1' }
const ASKED = { actor: ADA, reason: 'because', override: false } as const

/** Does one thing that an operator might do, whatever comes of it. */
export function operate(world: World): void {
  const { chance } = world.ground
  const deeds = [
    setSomething,
    setSomething,
    shift,
    command,
    command,
    weigh,
    confirm,
    configure,
    shed,
  ]
  const deed = chance.pick(deeds)
  world.ground.tell(`operator: ${deed.name}`)
  deed(world)
}

function setSomething(world: World): void {
  const { chance } = world.ground
  const { control, setting } = world
  const subject: RampSubject = chance.has(0.7)
    ? { type: 'origin', id: chance.pick(setting.origins) }
    : { type: 'pool', id: chance.pick(setting.pools) }
  const state = chance.pick(['ready', 'drain', 'maintenance'] as const)
  const from = chance.has(0.2) ? { fromMs: control.clockMs + chance.whole(1, 10_000) } : {}
  const until = chance.has(0.4) ? { untilMs: control.clockMs + chance.whole(10_001, 25_000) } : {}
  const ramp = state === 'drain' && chance.has(0.6) ? { ramp: chance.pick(['usual', 'other']) } : {}
  const timing = { ...from, ...until, ...ramp, ...within(world) }
  const override = chance.has(0.1)
  control.dispatch({ type: 'set-state', subject, state, ...ASKED, override, ...timing })
}

function within({ ground: { chance } }: World): { confirmWithinMs?: number } {
  return chance.has(0.3) ? { confirmWithinMs: 10_000 } : {}
}

function shed(world: World): void {
  const { chance } = world.ground
  const { control, setting } = world
  const newPercent = chance.pick([0, 10, 50, 100])
  const by = chance.pick(['hash', 'random'] as const)
  const what = newPercent === 0 ? null : { newPercent, sessionPercent: chance.whole(0, 100), by }
  const until = chance.has(0.4) ? { untilMs: control.clockMs + chance.whole(1, 25_000) } : {}
  const pool = chance.pick(setting.pools)
  control.dispatch({ type: 'set-shedding', pool, shed: what, ...ASKED, ...until, ...within(world) })
}

function shift(world: World): void {
  const { chance } = world.ground
  const to = weightsFor(world)
  const ramp = chance.pick(['usual', 'other'])
  world.control.dispatch({
    type: 'start-shift',
    route: 'all',
    to,
    ramp,
    ...ASKED,
    ...within(world),
  })
}

function weightsFor({ ground: { chance }, setting }: World): Record<string, number> {
  const weights = setting.pools.map((pool) => [pool, chance.whole(0, 4)] as const)
  return { ...Object.fromEntries(weights), [chance.pick(setting.pools)]: 3 }
}

function command(world: World): void {
  const { chance } = world.ground
  const ids = Object.keys(world.control.state.ramps)
  if (ids.length === 0) return
  const told = chance.pick([
    { type: 'pause' },
    { type: 'resume' },
    { type: 'step-back' },
    { type: 'promote' },
    { type: 'abort', how: 'at-once' },
    { type: 'abort', how: 'in-steps' },
  ] as const)
  world.control.dispatch({ type: 'command', ramp: chance.pick(ids), command: told, ...ASKED })
}

function weigh(world: World): void {
  const { control } = world
  const weights = weightsFor(world)
  const authored = withAuthoredWeights(JSON.parse(control.current().text), 'all', weights)
  if (authored === undefined) return
  const entry = entryOf(authored)
  const asked = { ...ASKED, ...within(world), base: control.state.log.current }
  control.dispatch({ type: 'set-weights', route: 'all', weights, entry, ...asked })
}

function confirm({ ground: { chance }, control }: World): void {
  const ids = Object.keys(control.state.confirmations)
  if (ids.length > 0) control.dispatch({ type: 'confirm', id: chance.pick(ids), actor: ADA })
}

function configure(world: World): void {
  world.put(world.ground.chance.pick(world.setting.variants))
}

/** Wants everything to be as it was in the beginning, and nothing else. Does so until it is. */
export function tidyUp(world: World): void {
  const { control, setting } = world
  // What reverts by itself is not to be helped.
  if (Object.keys(control.state.confirmations).length > 0) return
  if (control.current().text !== JSON.stringify(setting.base)) world.put(setting.base)
  for (const key of Object.keys(control.state.overrides)) {
    const [type = '', id = ''] = key.split(':')
    const subject = { type, id } as RampSubject
    control.dispatch({ type: 'set-state', subject, state: 'ready', ...ASKED, override: true })
  }
  for (const pool of Object.keys(control.state.shedding)) {
    control.dispatch({ type: 'set-shedding', pool, shed: null, ...ASKED })
  }
  for (const ramp of Object.values(control.state.ramps)) {
    const wanted = wantedOf(ramp)
    if (!wanted) continue
    const told = wanted === 'abort' ? ({ type: wanted, how: 'at-once' } as const) : { type: wanted }
    control.dispatch({ type: 'command', ramp: ramp.id, command: told, ...ASKED, override: true })
  }
}

/** What a ramp waits for that only an operator gives. */
function wantedOf(ramp: RampState): 'resume' | 'promote' | 'abort' | undefined {
  if (isRampOver(ramp)) return undefined
  // Onto something that stays dead, or that nobody can measure for it.
  if (ramp.use === 'shift' && (!ramp.isWell || ramp.unmeasured !== '')) return 'abort'
  if (ramp.phase === 'paused' || ramp.phase === 'aborted') return 'resume'
  // Sent back by an operator, step by step: another one turns it round.
  if (ramp.isLeaving) return 'promote'
  const isManual = ramp.settings.failback.mode === 'manual' && !ramp.isReleased
  return ramp.phase === 'waiting' && isManual && ramp.isWell ? 'promote' : undefined
}
