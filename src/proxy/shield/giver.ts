import type { Stored } from '../../cache/policy/stored.ts'
import type { ShieldAsk } from '../../cache/shield-ask.ts'
import { markOf, toShieldResponse } from '../../cache/shield-wire.ts'
import type { KeptBody } from '../../cache/tier.ts'
import { letGo } from '../caching/body.ts'
import type { Giver } from '../caching/giver.ts'
import { removeAnswerHopByHop } from '../hop-by-hop.ts'

/** Gives answers out to an edge: what is kept as it stands, with all that it says of its use. */
export function toShieldGiver({ held }: Pick<ShieldAsk, 'held'>): Giver {
  const give = (head: Stored, body: KeptBody): Response => {
    const isHeld = held !== undefined && held !== '' && held === markOf(head)
    if (!isHeld) return toShieldResponse({ type: 'answer', head }, body)
    letGo(body)
    return toShieldResponse({ type: 'unchanged', head }, null)
  }
  return {
    stored: (_visit, { head, body }) => give(head, body),
    fetched: (_visit, { head, body }) => give(head, body),
    spent: (_visit, { head, headers, body }, why) =>
      pass(new Response(body, { status: head.status, headers, encodeBody: 'manual' }), why),
    passed: (_visit, response, why) => pass(response, why),
  }
}

function pass(response: Response, why: string): Response {
  const { status, body } = response
  const headers = new Headers(response.headers)
  removeAnswerHopByHop(headers)
  return toShieldResponse({ type: 'passed', status, fields: [...headers], why }, body)
}
