import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { createOriginClient } from '../../durable/origin-methods.ts'
import type { Origin } from '../../durable/origin.ts'
import type { Env } from '../../src/env.ts'
import { OriginPlan } from '../../src/schema/probe-plan.ts'
import type { HealthReport } from '../../src/schema/report.ts'
import { originPlanOf, probeReportOf } from '../support/health.ts'
import { valueOf } from './control-harness.ts'

export const originStub = (origin: string) => env.ORIGIN.get(env.ORIGIN.idFromName(origin))
export const originClient = (origin: string) => createOriginClient(env, origin, 10_000)

/** What the object says to others, who are played by the test. */
export interface Said {
  readonly told: HealthReport[]
  readonly urged: string[]
}

/** Puts an object between its own and the others, until it is evicted. `isHeard`: whether they answer. */
export async function overhear(origin: string, isHeard: () => boolean): Promise<Said> {
  const said: Said = { told: [], urged: [] }
  await runInDurableObject(originStub(origin), (object: Origin) => {
    // A private field, and the one place where the others can be replaced.
    const inner = object as unknown as { env: Env }
    inner.env = {
      ...inner.env,
      CONTROL: listener(isHeard, (_, input) => {
        said.told.push((input as { report: HealthReport }).report)
        return { generation: 1 }
      }),
      PROBER: listener(isHeard, (name) => {
        said.urged.push(name)
        return { known: true }
      }),
    }
  })
  return said
}

function listener(
  isHeard: () => boolean,
  answer: (name: string, input: unknown) => unknown,
): DurableObjectNamespace {
  const namespace = {
    idFromName: (name: string) => name,
    get: (name: string) => ({
      async fetch(_url: string, { body }: { readonly body: string }) {
        if (!isHeard()) throw new Error('away')
        return Response.json({ ok: true, value: answer(name, JSON.parse(body)) })
      },
    }),
  }
  return namespace as unknown as DurableObjectNamespace
}

/** A report of one region about the origin. */
export async function probe(
  origin: string,
  region: Parameters<typeof probeReportOf>[0],
  report: Parameters<typeof probeReportOf>[1] = {},
) {
  const plan = OriginPlan.parse({ ...originPlanOf(), origin })
  const input = { report: probeReportOf(region, { plan, ...report }) }
  return valueOf(await originClient(origin).call('probed', input))
}
