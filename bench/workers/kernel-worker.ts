import { compile } from '../../src/core/compile.ts'
import { decide } from '../../src/core/decide.ts'
import { Conditions } from '../../src/schema/condition.ts'
import { type SnapshotDocument, parseSnapshotNews } from '../../src/schema/snapshot.ts'
import { type KernelCase, documentOf, observationsOf, requestsOf } from './kernel-case.ts'

/** What can be run many times: `text` from the published text to a document, the rest as they are called. */
export type KernelPart = 'decide' | 'text' | 'compile' | 'recompile'

/** Prepares a case, or runs one part of the case that was prepared. */
export type KernelOrder =
  | { readonly type: 'prepare'; readonly kernelCase: KernelCase }
  | { readonly type: 'run'; readonly part: KernelPart; readonly calls: number }

/** A prepared case: what each part does once, and the size of what is published. */
interface Prepared {
  readonly parts: Readonly<Record<KernelPart, () => unknown>>
  readonly snapshotBytes: number
}

let prepared: Prepared | undefined

/**
 * Runs inside the runtime that decides in production: V8 with the flags and the heap of workerd. It only runs;
 * the benchmark takes the CPU time of the process, which no neighbour on the core can stretch.
 */
export default {
  async fetch(request: Request): Promise<Response> {
    const order = (await request.json()) as KernelOrder
    if (order.type === 'prepare') {
      prepared = prepare(order.kernelCase)
      return Response.json({ snapshotBytes: prepared.snapshotBytes })
    }
    if (!prepared) return new Response('nothing is prepared', { status: 409 })
    const call = prepared.parts[order.part]
    for (let at = 0; at < order.calls; at++) call()
    return Response.json({})
  },
}

function prepare(kernelCase: KernelCase): Prepared {
  const document = documentOf(kernelCase)
  const text = JSON.stringify(document)
  const snapshot = compile(document)
  const observations = observationsOf(snapshot)
  const requests = requestsOf(kernelCase)
  const [ill = ''] = snapshot.origins.map(({ id }) => id)
  const conditions = Conditions.parse({ origins: { [ill]: { health: 'unhealthy' } } })
  const changed: SnapshotDocument = { ...document, generation: 2, conditions }
  for (const facts of requests) {
    const { type } = decide(facts, snapshot, observations)
    if (type !== 'steer') throw new Error(`a request of the case ends in ${type}`)
  }
  let next = 0
  return {
    snapshotBytes: new TextEncoder().encode(text).length,
    parts: {
      decide: () => {
        const facts = requests[next++ % requests.length]
        return facts && decide(facts, snapshot, observations)
      },
      text: () => parseSnapshotNews(JSON.parse(text)),
      compile: () => compile(document),
      recompile: () => compile(changed, snapshot),
    },
  }
}
