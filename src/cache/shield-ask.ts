import * as z from 'zod'
import { RequestFacts } from '../schema/facts.ts'

// Apart from the answers, since only objects read it: most isolates hold none.

/** What the edge asks for. No strict object: an object of one release may meet a Worker of the next. */
export const ShieldAsk = z.object({
  route: z.string(),
  /** Of the configuration that the edge goes by; another one may mean another key. */
  form: z.string(),
  /** Of its snapshot: whether it is the newer one of the two. */
  generation: z.number(),
  publishedAtMs: z.number(),
  key: z.string(),
  /** The newest purge that the edge knows: an older shield looks for it before it answers. */
  purge: z.number(),
  method: z.string(),
  /** As the client asked. */
  url: z.string(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  facts: RequestFacts,
  /** What the edge knows to have changed since (RFC 9111 §4.4): older copies are asked about. */
  changed: z
    .object({ host: z.string(), path: z.string(), query: z.string(), atMs: z.number() })
    .optional(),
  /** What the edge holds already, by `markOf`: the body need not come again. */
  held: z.string().optional(),
  /** Its client has a stale answer already: a stale one of the shield would be of no use. */
  isRenewal: z.boolean().optional(),
})
export type ShieldAsk = z.output<typeof ShieldAsk>

/** An ask that was sent; undefined when it is none. */
export function parseShieldAsk(text: string): ShieldAsk | undefined {
  try {
    return ShieldAsk.safeParse(JSON.parse(text)).data
  } catch {
    // Not JSON: no ask either.
    return undefined
  }
}
