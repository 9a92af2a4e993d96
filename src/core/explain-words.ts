import type { AffinityVerdict, Explanation } from '../schema/explanation.ts'
import type { RequestFacts } from '../schema/facts.ts'
import type { Decision, Tolerance } from './decision.ts'
import { toStatus, toWords } from './reason.ts'
import type { CompiledSteer } from './snapshot.ts'

/** Why a route that would match was not taken. */
export function routeWords({
  route,
  words,
}: {
  readonly route: string
  readonly words: string
}): string {
  return `Route ${route} ${words}.`
}

/** Which route a request takes. */
export function matchedWords({ method, scheme, host, path }: RequestFacts, route: string): string {
  return `${method} ${scheme}://${host}${path} takes route ${route}.`
}

/** What orders the pools of a route. */
export function policyWords({ ordering }: CompiledSteer, key: string): string {
  return `Policy ${ordering.policy} orders ${ordering.group.ids.join(', ')}; the key is ${key}.`
}

/** Why a request goes where writes go. */
export function writeWords(
  writes: NonNullable<Explanation['writes']>,
  { method, wroteUntilMs = 0, nowMs }: RequestFacts,
): string {
  if (writes === 'write') return `${method} is a write, so it goes where writes go.`
  const leftSeconds = Math.ceil((wroteUntilMs - nowMs) / 1000)
  return `Its client wrote lately: for another ${leftSeconds} s it reads where it wrote, readers behind.`
}

/** What affinity has made of a request. */
export function affinityWords({ key, words }: AffinityVerdict): string {
  return `Affinity goes by ${key}: ${words}.`
}

/** What comes of a request. */
export function outcomeWords(decision: Decision): string {
  switch (decision.type) {
    case 'steer': {
      const ids = decision.attempts.map(({ id }) => id).join(', then ')
      const copy = decision.mirror ? ` A copy goes to ${decision.mirror.id}.` : ''
      return `${TOLERANCE_WORDS[decision.tolerance]} ${ids}.${copy}`
    }
    case 'respond':
      return `The router answers ${decision.respond.status} itself.`
    case 'redirect':
      return `The router redirects with ${decision.redirect.status}.`
    case 'refuse':
      return `Refused with ${toStatus(decision.reason)}: ${toWords(decision.reason)}`
  }
}

const TOLERANCE_WORDS: Readonly<Record<Tolerance, string>> = {
  none: 'It is sent to',
  'last-resort': 'No other may serve, so ejected and not yet admitted ones are tried:',
  reserve: 'No other may serve, so draining ones and pools below their minimum are tried:',
  'fail-open': 'Every origin is out and the panic rule fails open:',
  fallback: 'Every other pool is out, so the fallback pool takes it:',
}
