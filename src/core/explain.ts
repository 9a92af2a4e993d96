import type { Explanation } from '../schema/explanation.ts'
import type { RequestFacts } from '../schema/facts.ts'
import { decide } from './decide.ts'
import type { Decision, Tolerance } from './decision.ts'
import { explainCandidates, explainPools } from './explain-candidates.ts'
import { explainShift } from './explain-shift.ts'
import { describeKey } from './kernel/key.ts'
import { explainMatches } from './match/explain.ts'
import type { Observations } from './observation.ts'
import { toStatus, toWords } from './reason.ts'
import { toSituation } from './situation.ts'
import type { CompiledSteer, Snapshot } from './snapshot.ts'

/**
 * Tells a decision in words. It makes the decision with the very `decide` that serves requests, and asks
 * the same questions again of everything that was passed over.
 */
export function explain(
  facts: RequestFacts,
  snapshot: Snapshot,
  observations: Observations,
): Explanation {
  const decision = decide(facts, snapshot, observations)
  const authored = snapshot.routes.map(({ id, route }) => [id, route] as const)
  const routes = explainMatches(Object.fromEntries(authored), facts)
  const route = 'route' in decision ? decision.route : undefined
  const attempts = decision.type === 'steer' ? decision.attempts.map(({ id }) => id) : []
  const steer = route?.steer
  const situation = steer && toSituation(route.route, steer, { facts, snapshot, observations })
  const { sessionCookie } = snapshot.settings
  const shift = steer && situation ? explainShift(steer, situation) : undefined
  const pools = steer && situation ? explainPools(steer, situation) : []
  const candidates = steer && situation ? explainCandidates(steer, situation, attempts) : []
  return {
    decision: decision.type,
    ...(route && { route: route.id }),
    ...(steer && {
      policy: steer.ordering.policy,
      key: describeKey(steer.ordering.key, facts, sessionCookie),
    }),
    ...(shift && { shift }),
    ...toParts(decision),
    attempts,
    words: [
      ...routes.filter(({ verdict }) => verdict === 'shadowed').map(toRouteWords),
      ...(route ? [matchedWords(facts, route.id)] : []),
      ...(steer ? [policyWords(steer, describeKey(steer.ordering.key, facts, sessionCookie))] : []),
      ...(shift ? [`Of route ${route?.id ?? ''} the ${shift.words}.`] : []),
      ...pools.map(({ pool, words }) => `Pool ${pool}: ${words}.`),
      ...candidates
        .filter(({ excluded }) => excluded)
        .map(({ origin, words }) => `Origin ${origin} is ${words}.`),
      outcomeWords(decision),
    ],
    routes,
    pools,
    candidates,
  }
}

type Parts = Pick<Explanation, 'tolerance' | 'mirror' | 'refusal' | 'status'>

function toParts(decision: Decision): Parts {
  switch (decision.type) {
    case 'steer': {
      const { tolerance, mirror } = decision
      return { tolerance, ...(mirror && { mirror: mirror.id }) }
    }
    case 'respond':
      return { status: decision.respond.status }
    case 'redirect':
      return { status: decision.redirect.status }
    case 'refuse':
      return { refusal: decision.reason, status: toStatus(decision.reason) }
  }
}

function toRouteWords({
  route,
  words,
}: {
  readonly route: string
  readonly words: string
}): string {
  return `Route ${route} ${words}.`
}

function matchedWords({ method, scheme, host, path }: RequestFacts, route: string): string {
  return `${method} ${scheme}://${host}${path} takes route ${route}.`
}

function policyWords({ ordering }: CompiledSteer, key: string): string {
  return `Policy ${ordering.policy} orders ${ordering.group.ids.join(', ')}; the key is ${key}.`
}

function outcomeWords(decision: Decision): string {
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
