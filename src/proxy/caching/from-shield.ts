import { type Detail, forwardStatus } from '../../cache/policy/cache-status.ts'
import type { Stored } from '../../cache/policy/stored.ts'
import type { Shielded } from '../../cache/shield.ts'
import type { KeptBody } from '../../cache/tier.ts'
import { purgeOf } from '../../core/purge.ts'
import { changeHeaders } from '../header-changes.ts'
import type { Result } from '../pass.ts'
import { toPassed } from './ask-shield.ts'
import { isBodiless, letGo } from './body.ts'
import { keep } from './keep.ts'
import type { Lead } from './leading.ts'
import { markPassed } from './mark-passed.ts'
import { passOn } from './receive.ts'

/**
 * Does with what a shield says what is done with an origin's answer: keeps and gives out what may be kept, as the shield
 * has judged it, and passes on what is for this request alone.
 */
export function takeFromShield(led: Lead, { head, body }: Shielded): Result | Promise<Result> {
  switch (head.type) {
    case 'answer':
      if (led.known) letGo(led.known.body)
      return giveShielded(led, head.head, toBody(head.head, body))
    case 'unchanged':
      letGo(body)
      return giveShielded(led, head.head, led.known?.body ?? null)
    case 'passed':
      if (led.known) letGo(led.known.body)
      return passShielded(led, toPassed(head, body), head.why)
    case 'refused':
      if (led.known) letGo(led.known.body)
      return head.reason
  }
}

/** What came without a body may be told by an empty one on the way. */
function toBody({ status, bodyBytes }: Stored, body: KeptBody): KeptBody {
  if (bodyBytes !== 0 && !isBodiless(status)) return body
  letGo(body)
  return null
}

function giveShielded(led: Lead, judged: Stored, body: KeptBody): Response | Promise<Response> {
  const { visit } = led
  if (led.isBackground) visit.counts.refreshed += 1
  else visit.counts.hits.shield += 1
  const { head, body: given } = keep(led, judged, body)
  const purge = purgeOf(visit.passage.standing.snapshot.purges, head)
  const found = { head, body: given, from: 'shield', resident: undefined, purge } as const
  const forwarded = { ...led.forwarded, isStored: true, detail: 'shield' } as const
  return visit.giver.stored(visit, found, { forwarded })
}

/** It has come by another way than an origin's answer, but for the client it is one. */
function passShielded(led: Lead, response: Response, why: string): Response {
  const { visit } = led
  // The other end is this project, and names its reasons as this one does.
  const passed = passOn(led, response, why as Detail)
  const { route, name } = visit.cached
  const { status } = passed
  const copy = new Response(passed.body, passed)
  markPassed(copy.headers, forwardStatus(name, { ...led.forwarded, status }))
  if (route.responseHeaders) changeHeaders(copy.headers, route.responseHeaders)
  return copy
}
