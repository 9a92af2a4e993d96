import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { Prober } from '../../durable/prober.ts'
import { createProberClient } from '../../durable/prober-methods.ts'
import type { Env } from '../../src/env.ts'
import { Monitor } from '../../src/schema/monitor.ts'
import type { ProbePlan, ProbeTarget } from '../../src/schema/probe-plan.ts'
import type { ProbeReport } from '../../src/schema/report.ts'
import { originPlanOf } from '../support/health.ts'
import { valueOf } from './control-harness.ts'

export const NAME = { region: 'weur', shard: 0 } as const
export const proberStub = () => env.PROBER.get(env.PROBER.idFromName('weur'))
export const proberClient = createProberClient(env, NAME, 10_000)

/** What the object says to others, who are played by the test. */
export interface Heard {
  /** Revisions with which it asked for its plan. */
  readonly asked: number[]
  readonly reports: ProbeReport[]
  /** Reports that came while nobody was there. */
  unheard: number
}

/** How the others behave. May change while the test runs. */
export interface Others {
  plan: ProbePlan | null
  isThere: boolean
}

/** Puts an object between its own and the others, until it is evicted. */
export async function overhear(others: Others, heard: Heard): Promise<void> {
  await runInDurableObject(proberStub(), (object: Prober) => {
    // A private field, and the one place where the others can be replaced.
    const inner = object as unknown as { env: Env }
    inner.env = {
      ...inner.env,
      CONTROL: listener(others, (input) => {
        const { revision } = input as { revision: number }
        heard.asked.push(revision)
        return others.plan?.revision === revision ? null : others.plan
      }),
      ORIGIN: listener(
        others,
        (input) => {
          heard.reports.push((input as { report: ProbeReport }).report)
          return { health: 'unknown' }
        },
        () => (heard.unheard += 1),
      ),
    }
  })
}

function listener(
  others: Others,
  answer: (input: unknown) => unknown,
  miss: () => void = () => {},
): DurableObjectNamespace {
  const namespace = {
    idFromName: (name: string) => name,
    get: () => ({
      async fetch(_url: string, { body }: { readonly body: string }) {
        if (!others.isThere) {
          miss()
          throw new Error('away')
        }
        return Response.json({ ok: true, value: answer(JSON.parse(body)) })
      },
    }),
  }
  return namespace as unknown as DurableObjectNamespace
}

/** A target where nothing listens: every probe of it fails at once, and the runtime does not log why. */
export function targetOf(origin: string, monitor: object = {}): ProbeTarget {
  const plan = { ...originPlanOf(), origin }
  const monitors = [{ id: 'web', monitor: Monitor.parse({ type: 'tcp', ...monitor }) }]
  return { plan, url: 'http://127.0.0.1:1', headers: {}, monitors }
}

/** Says that a revision holds. */
export async function rouse(revision: number) {
  return valueOf(await proberClient.call('rouse', { name: NAME, revision }))
}
