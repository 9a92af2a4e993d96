import { type ProbeOutcome, performProbe } from '../../durable/probe/perform.ts'
import { toProbeRequest } from '../../durable/probe/request.ts'
import { Monitor } from '../../src/schema/monitor.ts'

/** What the rig is asked to probe: a monitor as an operator writes it. */
export interface ProbeOrder {
  readonly url: string
  readonly host?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly monitor: unknown
  readonly purpose?: 'probe' | 'trial'
  /** As `npm start` sets it. */
  readonly local?: boolean
}

/** How long the worker lives on after an answer. */
const LIFE_MS = 5000

/** Probes what it is told to, as a prober would. */
export default {
  async fetch(request, bindings, ctx) {
    // It lives on as an object does: what a probe leaves open stays open.
    ctx.waitUntil(scheduler.wait(LIFE_MS))
    const { monitor, purpose, local, ...target } = await request.json<ProbeOrder>()
    const all = local === true ? { ...bindings, PORTOLAN_LOCAL: 'true' } : bindings
    const parsed = Monitor.parse(monitor)
    const prepared = toProbeRequest({ headers: {}, ...target }, parsed, all)
    if (!prepared.ok) {
      const { detail } = prepared
      return Response.json({ ok: false, detail, latencyMs: 0, isAnswered: false })
    }
    const outcome: ProbeOutcome = await performProbe(prepared.request, purpose ?? 'probe')
    return Response.json(outcome)
  },
} satisfies ExportedHandler<object>
