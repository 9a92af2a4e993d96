import type { Monitor } from '../../src/schema/monitor.ts'
import type { ProbeTarget } from '../../src/schema/probe-plan.ts'
import { PROBER_LIMITS } from '../../src/state/prober/state.ts'
import type { Trial } from '../prober-methods.ts'
import { performProbe } from './perform.ts'
import { toProbeRequest } from './request.ts'

/** How much of a body a trial shows. */
const SHOWN_BODY = 1024

/** Probes that somebody asked for, outside of any plan. */
export interface Trials {
  /** Tries every monitor of every target once; the trials in the order of the targets. */
  run(targets: readonly ProbeTarget[]): Promise<readonly Trial[]>
}

/**
 * Trials of one prober, few at a time, whoever asks for them. `hold` is told how many connections they hold, and
 * resolves when the probes of the plan leave them that many.
 */
export function createTrials(bindings: object, hold: (count: number) => Promise<unknown>): Trials {
  const waiting: (() => void)[] = []
  let held = 0
  const inTurn = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (held >= PROBER_LIMITS.trials) await new Promise<void>((resolve) => waiting.push(resolve))
    else held += 1
    try {
      await hold(held)
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else {
        held -= 1
        await hold(held)
      }
    }
  }
  return {
    run: (targets) =>
      Promise.all(
        targets.flatMap((target) =>
          target.monitors.map(({ id, monitor }) =>
            inTurn(() => tryOnce(target, { id, monitor }, bindings)),
          ),
        ),
      ),
  }
}

async function tryOnce(
  target: ProbeTarget,
  { id, monitor }: { readonly id: string; readonly monitor: Monitor },
  bindings: object,
): Promise<Trial> {
  const head = { origin: target.plan.origin, monitor: id }
  const prepared = toProbeRequest(target, monitor, bindings)
  if (!prepared.ok) return { ...head, ok: false, latencyMs: 0, detail: prepared.detail }
  const outcome = await performProbe(prepared.request, 'trial')
  const { ok, latencyMs, detail, status, body } = outcome
  return {
    ...head,
    ok,
    latencyMs,
    detail,
    ...(status !== undefined && { status }),
    ...(body !== undefined && { body: body.slice(0, SHOWN_BODY) }),
  }
}
