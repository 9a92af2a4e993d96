import type { Edge } from './edge.ts'
import { CALM, START_MS } from './ground.ts'
import { complaintsOf } from './end-laws.ts'
import { fail } from './failure.ts'
import { drawFaults } from './faults.ts'
import { tidyUp } from './operator.ts'
import { World } from './world.ts'

/** The phases of a life: it settles, everything goes wrong, everything comes right, and one origin dies. */
const PHASES = {
  quietMs: 3000,
  troubleMs: 25_000,
  lookMs: 2000,
  glanceMs: 500,
  longestMs: 600_000,
} as const

/** A prober whose process ended with all of its probes under way sleeps until these would count as lost. */
const LONGEST_SLEEP_MS = 16_000
const PEACE_MS = START_MS + PHASES.quietMs + PHASES.troubleMs + LONGEST_SLEEP_MS

/** What became of a world: how long it took to come right, and what was checked meanwhile. */
export interface Lived {
  readonly seed: number
  readonly simulatedMs: number
  readonly happened: number
  readonly decisions: number
}

/**
 * Lives one seed from beginning to end. Throws, with the seed and the story, when a law does not hold. `see` is
 * shown the world before it begins.
 */
export function live(seed: number, see?: (world: World) => void): Lived {
  const world = new World(seed)
  see?.(world)
  const { ground } = world
  try {
    ground.runUntil(START_MS + PHASES.quietMs)
    drawFaults(world, PHASES.troubleMs)
    ground.runUntil(ground.nowMs + PHASES.troubleMs)
    comeRight(world)
    if (seed % 3 === 0) dieInPeace(world)
  } catch (error) {
    const story = ground.story.slice(-60).join('\n  ')
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`seed ${seed}: ${why}\n  ${story}`, { cause: error })
  }
  const { happened } = ground
  const { decisions } = world.edgeLaws
  return { seed, simulatedMs: ground.nowMs - START_MS, happened, decisions }
}

/** Nothing goes wrong any more, but for an origin that may stay dead; operators want it all back. */
function comeRight(world: World): void {
  const { ground, setting, truth } = world
  ground.weather = CALM
  world.spare()
  const stayDead = ground.chance.has(0.25) ? ground.chance.pick(setting.origins) : undefined
  ground.tell(`all comes right${stayDead === undefined ? '' : ` but for ${stayDead}`}`)
  for (const id of setting.origins) {
    truth.becomes(id, id === stayDead ? { type: 'dead', how: 'refuses' } : { type: 'well' })
  }
  const untilMs = ground.nowMs + PHASES.longestMs
  let complaints = complaintsOf(world)
  while (complaints.length > 0) {
    if (ground.nowMs > untilMs) fail(6, `it never comes right: ${complaints.join('; ')}`)
    tidyUp(world)
    ground.runUntil(ground.nowMs + PHASES.lookMs)
    complaints = complaintsOf(world)
  }
}

/** Law 7: where nothing else is wrong, a dead origin is out everywhere within the bound. */
function dieInPeace(world: World): void {
  const { ground, setting, truth } = world
  // Whoever ended in the trouble is back by then: a prober may sleep until its alarm.
  ground.runUntil(Math.max(ground.nowMs, PEACE_MS))
  const alive = setting.origins.filter((id) => truth.of(id).type === 'well')
  const [victim, ...others] = alive
  // Where nothing answers any more, it may as well be the network of the probers.
  if (victim === undefined || others.length === 0) return
  const how = ground.chance.pick(['refuses', 'silent'] as const)
  truth.becomes(victim, { type: 'dead', how })
  const boundMs = boundOf(world, how)
  const untilMs = ground.nowMs + boundMs
  let unaware: readonly string[] = []
  do {
    ground.runUntil(Math.min(untilMs, ground.nowMs + PHASES.glanceMs))
    unaware = world.edges.filter((edge) => !isOutFor(edge, victim)).map(({ name }) => name)
  } while (unaware.length > 0 && ground.nowMs < untilMs)
  if (unaware.length > 0) fail(7, `${victim} is dead for ${boundMs} ms: ${unaware.join(', ')}`)
}

function isOutFor({ snapshot }: Edge, origin: string): boolean {
  return snapshot?.origins.find(({ id }) => id === origin)?.standing?.type === 'unhealthy'
}

/** Until the first region has looked, until the others have seen it fall, and until all edges have heard. */
function boundOf({ control, setting }: World, how: 'refuses' | 'silent'): number {
  const monitor = control.current().config.monitors['up']
  if (monitor === undefined) throw new Error('no monitor')
  const { interval, jitter, timeout, unhealthyInterval, fall } = monitor
  const pauseMs = how === 'silent' ? Math.max(unhealthyInterval, timeout) : unhealthyInterval
  const answerMs = how === 'silent' ? timeout : 0
  const firstMs = interval / setting.regions.length + interval * jitter + answerMs
  return firstMs + fall * pauseMs + 1000 + 6500
}
