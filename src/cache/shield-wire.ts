import * as z from 'zod'
import type { RefusalReason } from '../schema/reason.ts'
import { JSON_LINE_BYTES, parseJsonLine, toJsonLine } from './json-line.ts'
import { STORED_FORMAT, type Stored, type Variants } from './policy/stored.ts'

/**
 * How the edge asks a shield: by `POST` to one of these addresses of the object, with an ask as JSON. Everything
 * stands in the body, and what the client sent stands in it as data: no header of a request says anything here.
 */
export const SHIELD_URLS = {
  fetch: 'https://shield/fetch',
  /** What stands under the key of the body in its memory. Nothing is fetched. */
  look: 'https://shield/look',
  /** Answers 204 at once: whether the object is there. */
  alive: 'https://shield/alive',
} as const

/** What stands before the body of an answer, in a header: the body passes as bytes of no kind and no encoding. */
const HEAD_HEADER = 'portolan-head'

/** What comes before the body. */
export type ShieldHead =
  | { readonly type: 'answer'; readonly head: Stored }
  /** What the edge holds is what the shield has, with this head. */
  | { readonly type: 'unchanged'; readonly head: Stored }
  | {
      readonly type: 'passed'
      readonly status: number
      readonly fields: readonly (readonly [string, string])[]
      readonly why: string
    }
  | { readonly type: 'refused'; readonly reason: RefusalReason }
  /** It does not know the configuration or the purge that the edge goes by: the edge asks the origin itself. */
  | { readonly type: 'behind'; readonly why: string }

const field = z.tuple([z.string(), z.string()])

/** The other end is this same project; what it wrote is looked at as far as another release may differ. No strict objects. */
const StoredHead = z.looseObject({ format: z.literal(STORED_FORMAT), key: z.string() })
const Head = z.union([
  z.object({ type: z.enum(['answer', 'unchanged']), head: StoredHead }),
  z.object({
    type: z.literal('passed'),
    status: z.int().min(200).max(599),
    fields: z.array(field),
    why: z.string(),
  }),
  z.object({ type: z.literal('refused'), reason: z.looseObject({ type: z.string() }) }),
  z.object({ type: z.literal('behind'), why: z.string() }),
])

/** The answer of a shield: the head, and the body as it is. */
export function toShieldResponse(head: ShieldHead, body: BodyInit | null): Response {
  const text = toJsonLine(head)
  if (text.length > JSON_LINE_BYTES) {
    return toShieldResponse({ type: 'behind', why: 'the head is too large' }, null)
  }
  const headers = { [HEAD_HEADER]: text, 'content-type': 'application/octet-stream' }
  return new Response(body, { headers })
}

/** The head of an answer; undefined when it is none of this release. */
export function parseShieldHead({ status, headers }: Response): ShieldHead | undefined {
  const text = status === 200 ? headers.get(HEAD_HEADER) : null
  if (text === null) return undefined
  const parsed = Head.safeParse(parseJsonLine(text))
  // A stored head of this format was written by `Stored`'s own code, and a reason by that of `RefusalReason`.
  return parsed.success ? (parsed.data as ShieldHead) : undefined
}

/** What a shield has under a key in memory. */
export type ShieldSight = Stored | Variants | null

/** Reads the answer to a look; undefined when it is none of this release. */
export function parseShieldSight(text: string): ShieldSight | undefined {
  const parsed = z.union([StoredHead, z.null()]).safeParse(parseJsonLine(text))
  // As above.
  return parsed.success ? (parsed.data as ShieldSight) : undefined
}

/** What tells whether two stored answers have one body: validators, encoding and length. Empty without a validator. */
export function markOf({ fields, bodyBytes }: Stored): string {
  const valuesOf = (name: string) => fields.flatMap(([own, value]) => (own === name ? value : []))
  const validators = [valuesOf('etag'), valuesOf('last-modified')]
  if (validators.every((values) => values.length === 0)) return ''
  return JSON.stringify([...validators, valuesOf('content-encoding'), bodyBytes])
}
