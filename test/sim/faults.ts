import type { ProbeRegion } from '../../src/schema/monitor.ts'
import { CALM, type Cut } from './ground.ts'
import { operate } from './operator.ts'
import type { Manner } from './truth.ts'
import type { World } from './world.ts'

/** Something goes wrong, for a while or once and for all. */
type Fault = (world: World, lastsMs: number) => void

/** How often which fault is drawn. */
const FAULTS: readonly (readonly [weight: number, fault: Fault])[] = [
  [8, harmOrigin],
  [2, loseRegion],
  [5, cutWay],
  [3, spoilWeather],
  [3, jumpClock],
  [5, endProcess],
  [5, endBetweenEffects],
  [1, deploy],
  [1, loseStore],
  [1, loseReceiver],
  [8, operate],
]

const DRAWN: readonly Fault[] = FAULTS.flatMap(([weight, fault]) =>
  Array.from({ length: weight }, () => fault),
)

/** Draws the faults of one world over so long a time. All of them are over when it is. */
export function drawFaults(world: World, durationMs: number): void {
  const { chance } = world.ground
  const count = chance.whole(3, 11)
  for (let drawn = 0; drawn < count; drawn += 1) {
    const atMs = chance.between(0, durationMs)
    const lastsMs = Math.min(durationMs - atMs, chance.between(500, 25_000))
    const fault = chance.pick(DRAWN)
    world.ground.later(atMs, () => fault(world, lastsMs))
  }
}

function harmOrigin(world: World, lastsMs: number): void {
  const { chance } = world.ground
  const manner = chance.pick<Manner>([
    { type: 'dead', how: 'refuses' },
    { type: 'dead', how: 'refuses' },
    { type: 'dead', how: 'silent' },
    { type: 'slow', ms: chance.pick([400, 1500, 4000]) },
    { type: 'errs', rate: chance.pick([0.05, 0.3, 0.6, 1]) },
    { type: 'flaps', periodMs: chance.pick([1500, 4000, 9000]) },
  ])
  const { setting, truth } = world
  const first = chance.pick(setting.origins)
  // What fails together is often of one region.
  const pool = first.slice(0, first.indexOf('-'))
  const all = chance.has(0.3) ? setting.origins.filter((id) => id.startsWith(pool)) : [first]
  for (const id of all) {
    truth.becomes(id, manner)
    world.ground.later(lastsMs, () => truth.becomes(id, { type: 'well' }))
  }
}

function loseRegion(world: World, lastsMs: number): void {
  // The regions of a setting are those of its monitor, which was parsed.
  const region = world.ground.chance.pick(world.setting.regions) as ProbeRegion
  world.ground.tell(`the network of ${region} is out`)
  world.truth.lostRegions.add(region)
  world.ground.later(lastsMs, () => world.truth.lostRegions.delete(region))
}

function cutWay(world: World, lastsMs: number): void {
  const { chance } = world.ground
  const { setting } = world
  const origin = `origin:${chance.pick(setting.origins)}`
  const prober = `prober:${chance.pick(setting.regions)}`
  const edge = `edge:${chance.whole(0, setting.edges - 1)}`
  const cut = chance.pick<Cut>([
    [prober, origin],
    [prober, 'origin:'],
    [prober, 'control'],
    ['origin:', 'control'],
    [origin, 'control'],
    [origin, 'prober:'],
    [edge, origin],
    [edge, 'control'],
    ['edge:', 'control'],
    ['edge:', 'origin:'],
    ['control', 'kv'],
    [edge, 'kv'],
    ['control', ''],
  ])
  world.ground.tell(`cut off: ${cut.join(' from ')}`)
  world.ground.cuts.add(cut)
  world.ground.later(lastsMs, () => world.ground.cuts.delete(cut))
}

function spoilWeather(world: World, lastsMs: number): void {
  const { chance } = world.ground
  const drawn = () => chance.pick([0, 0.05, 0.3])
  const weather = { lost: drawn(), late: drawn(), doubled: drawn() }
  world.ground.tell(`messages: ${JSON.stringify(weather)}`)
  world.ground.weather = weather
  world.ground.later(lastsMs, () => {
    world.ground.weather = CALM
  })
}

function jumpClock(world: World): void {
  const { chance } = world.ground
  const ms = chance.pick([-40_000, -5000, -300, 300, 5000, 40_000]) * chance.draw()
  const life = chance.pick([...livesOf(world), ...world.edges])
  world.ground.tell(`the clock of ${life.name} jumps by ${Math.round(ms)} ms`)
  life.jump(ms)
}

function endProcess(world: World): void {
  const life = world.ground.chance.pick([...livesOf(world), ...world.edges])
  world.ground.tell(`${life.name} ends`)
  life.reset()
}

function endBetweenEffects(world: World): void {
  const { chance } = world.ground
  const life = chance.pick(livesOf(world))
  const lives = chance.whole(0, 4)
  world.ground.tell(`${life.name} will end after ${lives} effects`)
  life.doom(lives)
}

function livesOf(world: World) {
  const others = [...world.origins.values(), ...world.probers.values()]
  // Half of what happens to objects happens to the one on which all depends.
  return world.ground.chance.has(0.5) ? [world.control] : [world.control, ...others]
}

function deploy(world: World): void {
  world.ground.tell('deployed')
  world.deploy()
}

function loseStore(world: World, lastsMs: number): void {
  world.ground.tell('the store takes nothing, and shows what is old')
  const { store } = world
  store.isAway = true
  store.lagMs = 60_000
  world.ground.later(lastsMs, () => {
    store.isAway = false
    store.lagMs = 5000
  })
}

function loseReceiver(world: World, lastsMs: number): void {
  world.isReceiverAway = true
  world.ground.later(lastsMs, () => {
    world.isReceiverAway = false
  })
}
