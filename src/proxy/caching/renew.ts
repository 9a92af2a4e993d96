import { refresh } from '../../cache/policy/validation.ts'
import { toStored } from '../../cache/verdict.ts'
import { closeAttempt } from '../origin-record.ts'
import { lengthOf, letGo, toHeaders } from './body.ts'
import type { Found } from './giver.ts'
import { keep } from './keep.ts'
import type { Lead } from './leading.ts'
import { asOfOf, noteUnkept, type Received, toExchange } from './receive.ts'

/**
 * An origin says that what is kept still holds (RFC 9111 §4.3.4): that is given out, with a newer head. `undefined` where
 * what it says is not about this one: then it has to be asked for the whole.
 */
export function renew(
  led: Lead,
  known: Found,
  received: Received,
): Response | Promise<Response> | undefined {
  const { visit } = led
  const { hold, status } = received.outcome
  if (hold) closeAttempt(hold.attempt)
  const exchange = toExchange(led, received)
  const refreshed = refresh(known.head, exchange, visit.cached.settings)
  if (refreshed.type === 'other') {
    letGo(known.body)
    return undefined
  }
  visit.counts[led.isBackground ? 'refreshed' : 'revalidated'] += 1
  if (refreshed.type === 'spent') {
    led.forwarded = { ...led.forwarded, status, detail: refreshed.why }
    noteUnkept(led, refreshed.why)
    const headers = toHeaders(refreshed.fields)
    return visit.giver.spent(visit, { head: known.head, headers, body: known.body }, refreshed.why)
  }
  const { bodyBytes = lengthOf(known.body) } = known.head
  const made = toStored({ ...visit, exchange, bodyBytes, asOf: asOfOf(led) }, refreshed.head)
  const tags = made.tags.length > 0 ? made.tags : known.head.tags
  const { head, body } = keep(led, { ...made, tags }, known.body)
  led.forwarded = { ...led.forwarded, status, isStored: true }
  const headers = toHeaders(head.fields)
  // It came from a cache in front of the origin: those behind this one must not take it for new.
  if (head.initialAgeMs >= 1000) headers.set('age', String(Math.floor(head.initialAgeMs / 1000)))
  return visit.giver.fetched(visit, { head, headers, body })
}
