import type { ControlState } from '../../src/state/control/state.ts'
import { isRampOver, type RampState } from '../../src/state/ramp/state.ts'
import type { ControlLife, ControlStepped } from './control-life.ts'
import { fail } from './failure.ts'
import type { Ground } from './ground.ts'

/** Since when a ramp stands where it stands, by the time of the world. */
interface Stand {
  readonly atMs: number
  readonly at: number
  readonly phase: string
}

/** What must hold of every step of the control object about shares: laws 3 and 4 of docs/simulation.md. */
export class RampLaws {
  private readonly stands = new Map<string, Stand>()
  private readonly ground: Ground

  constructor(ground: Ground) {
    this.ground = ground
  }

  check(stepped: ControlStepped, control: ControlLife): void {
    const { before, next } = stepped
    if (before.ramps !== next.ramps) {
      for (const [id, ramp] of Object.entries(next.ramps)) {
        const was = before.ramps[id]
        if (was === ramp) continue
        if (was && was.startedAtMs === ramp.startedAtMs) this.compare([was, ramp], stepped, control)
        else checkBeginning(ramp, before)
        this.note(ramp)
      }
    }
    if (before.conditions !== next.conditions) checkShares(next)
    checkReturns(stepped)
  }

  private note({ id, at, phase }: RampState): void {
    const stand = this.stands.get(id)
    if (stand?.at === at && stand.phase === phase) return
    this.stands.set(id, { atMs: this.ground.nowMs, at, phase })
  }

  private compare(
    [before, after]: readonly [RampState, RampState],
    { event }: ControlStepped,
    control: ControlLife,
  ): void {
    const { id, use } = after
    const isTold = event.type === 'command' && event.ramp === id
    if (after.percent > before.percent) {
      if (after.at !== before.at + 1) fail(4, `${id} leaves a step out: ${words(before, after)}`)
      if (!isTold && before.at >= 0) this.checkRise(before, event, control)
    }
    if (after.percent < before.percent) {
      const isDrop = after.at === before.at - 1 || after.percent === 0
      if (!isDrop) fail(4, `${id} falls in between: ${words(before, after)}`)
      const hasReason = isTold || before.isLeaving || after.cause !== ''
      if (!hasReason) fail(4, `${id} falls without a reason: ${words(before, after)}`)
    }
    if (use === 'shift' && after.phase === 'done' && before.percent < 100) {
      fail(4, `${id} is done at ${before.percent} %`)
    }
  }

  /** Up only after the dwell, and with a good gate or after the longest wait. */
  private checkRise(before: RampState, event: ControlStepped['event'], control: ControlLife): void {
    const stand = this.stands.get(before.id)
    if (stand === undefined || before.phase !== 'stepping') return
    const stoodMs = this.ground.nowMs - stand.atMs
    const { dwell, gate, longestWait } = before.settings.ramp
    // What a clock that jumped ahead may spare is half of it, once (docs/ramps.md).
    const hasJumped = control.jumpedAtMs >= stand.atMs
    if (stoodMs < (hasJumped ? 0 : dwell) - 1) fail(4, `${before.id} rises after ${stoodMs} ms`)
    if (event.type !== 'measured' || event.ramp !== before.id) {
      if (!hasJumped && stoodMs < longestWait - 1) fail(4, `${before.id} rises unmeasured`)
      return
    }
    const { requests, failures, errors } = event.subject
    const isBlind = requests < gate.minSamples
    if (isBlind && !hasJumped && stoodMs < longestWait - 1) fail(4, `${before.id} rises too early`)
    const isBad = failures + errors >= requests * gate.hardFailureRate
    if (requests >= Math.max(1, gate.minSamples) && isBad) fail(4, `${before.id} rises though bad`)
  }
}

/** A ramp begins with its first step, or, where something is called back, with what it still has. */
function checkBeginning({ id, use, percent, settings, subject }: RampState, before: ControlState) {
  const first = settings.ramp.steps[0] ?? 0
  const left = use === 'recovery' ? shareLeft(before, subject) : 0
  if (percent > Math.max(first, left)) fail(4, `${id} begins with ${percent} % after ${left} %`)
}

function shareLeft(state: ControlState, { type, id }: RampState['subject']): number {
  const { origins, pools } = state.conditions
  // A process that begins has not read the configuration yet: what is left is not known here.
  if (state.plan === null) return 100
  if (type === 'pool') {
    const isOpen = (pools[id]?.state ?? state.plan?.pools[id]?.state) === 'ready'
    return isOpen && !Object.hasOwn(state.down, id) ? (pools[id]?.sharePercent ?? 100) : 0
  }
  const pool = state.plan?.poolOf[id] ?? ''
  return isOut(state, pool, id) ? 0 : (origins[id]?.sharePercent ?? 100)
}

function words(before: RampState, after: RampState): string {
  return `${before.percent} % ${before.phase} to ${after.percent} % ${after.phase}`
}

function checkShares({ conditions, ramps }: ControlState): void {
  for (const [kind, entries] of [
    ['origin', conditions.origins],
    ['pool', conditions.pools],
  ] as const) {
    for (const [id, { sharePercent }] of Object.entries(entries)) {
      const steps = ramps[`${kind}:${id}`]?.settings.ramp.steps ?? []
      const isStep = steps.some((step) => step === sharePercent || 100 - step === sharePercent)
      const isEnd = sharePercent === 0 || sharePercent === 100
      if (!isStep && !isEnd) fail(3, `${kind} ${id} has ${sharePercent} %`)
    }
  }
  for (const [route, { weights }] of Object.entries(conditions.routes)) {
    const all = Object.values(weights)
    const isGood = all.every((weight) => weight >= 0 && weight <= 100) && all.some(Boolean)
    if (!isGood) fail(3, `route ${route} has the weights ${JSON.stringify(weights)}`)
  }
}

/** Events by which another configuration, or none, comes into force: it says itself what it brings back. */
const REVISIONS: readonly string[] = ['put', 'rollback', 'set-weights', 'land', 'revert', 'start']

/** What was out and may serve again begins with the first step of its ramp, or with what its pool has by then. */
function checkReturns({ before, next, event }: ControlStepped): void {
  if (REVISIONS.includes(event.type) || before.conditions === next.conditions) return
  for (const [pool, plan] of Object.entries(next.plan?.pools ?? {})) {
    const { recovery } = plan
    if (recovery === undefined) continue
    const poolRamp = next.ramps[`pool:${pool}`]
    const isReturning = poolRamp !== undefined && !isRampOver(poolRamp)
    // It keeps the steps that it began with, whatever the configuration says by now.
    const first = isReturning ? (poolRamp.settings.ramp.steps[0] ?? 0) : 0
    const carried = isReturning && poolRamp.percent < 100 ? poolRamp.percent : first
    const most = Math.max(recovery.steps[0] ?? 0, carried)
    for (const origin of Object.keys(plan.origins)) {
      if (!isOut(before, pool, origin) || isOut(next, pool, origin)) continue
      const share = shareOf(next, pool, origin)
      const own = next.ramps[`origin:${origin}`]
      const begun = own && !isRampOver(own) ? own.percent : 0
      if (share > Math.max(most, begun)) {
        fail(4, `${origin} is back with ${share} % at once, after ${event.type}`)
      }
    }
  }
}

/** Whether an origin is kept out by health, by an operator, or because too few of its pool are left. */
function isOut(state: ControlState, pool: string, origin: string): boolean {
  const plan = state.plan?.pools[pool]
  if (plan === undefined) return true
  const isUsable = (id: string): boolean => {
    const own = state.conditions.origins[id]
    return own?.health !== 'unhealthy' && (own?.state ?? plan.origins[id]?.state) === 'ready'
  }
  const usable = Object.keys(plan.origins).filter(isUsable).length
  const isOpen = (state.conditions.pools[pool]?.state ?? plan.state) === 'ready'
  return !isOpen || usable < plan.minimumOrigins || !isUsable(origin)
}

function shareOf({ conditions }: ControlState, pool: string, origin: string): number {
  const own = conditions.origins[origin]?.sharePercent ?? 100
  return (own * (conditions.pools[pool]?.sharePercent ?? 100)) / 100
}
