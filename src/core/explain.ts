import type { Explanation } from '../schema/explanation.ts'
import type { RequestFacts } from '../schema/facts.ts'
import { belongingOf } from './affinity/course.ts'
import { hasWritten, isWrite, UNTOUCHED } from './course.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import { explainAffinity, explainUntouched } from './explain-affinity.ts'
import { explainCandidates, explainPools, type Told } from './explain-candidates.ts'
import { limitWords } from './explain-limits.ts'
import { explainShift } from './explain-shift.ts'
import {
  affinityWords,
  matchedWords,
  outcomeWords,
  policyWords,
  routeWords,
  writeWords,
} from './explain-words.ts'
import { describeKey } from './kernel/key.ts'
import { explainMatches } from './match/explain.ts'
import type { Observations } from './observation.ts'
import { toStatus } from './reason.ts'
import { type Inputs, type Situation, toSituation } from './situation.ts'
import type { CompiledRoute, CompiledSteer, Snapshot } from './snapshot.ts'

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
  const shadowed = routes.filter(({ verdict }) => verdict === 'shadowed').map(routeWords)
  const matched = route ? [matchedWords(facts, route.id), ...limitWords(route)] : []
  const told = route?.steer && tell(route, { facts, snapshot, observations }, decision)
  const attempts = decision.type === 'steer' ? decision.attempts.map(({ id }) => id) : []
  return {
    decision: decision.type,
    ...(route && { route: route.id }),
    ...told?.parts,
    ...toParts(decision),
    attempts,
    words: [...shadowed, ...matched, ...(told?.words ?? []), outcomeWords(decision)],
    routes,
    pools: told?.pools ?? [],
    candidates: told?.candidates ?? [],
  }
}

type SteerParts = Pick<Explanation, 'policy' | 'key' | 'shift' | 'writes' | 'affinity'>

interface ToldSteer extends Pick<Explanation, 'pools' | 'candidates' | 'words'> {
  readonly parts: SteerParts
}

/** What is to be told of a route that steers, whatever came of it. */
function tell(route: CompiledRoute, inputs: Inputs, decision: Decision): ToldSteer | undefined {
  const { steer } = route
  if (steer === undefined) return undefined
  const { facts, snapshot } = inputs
  const free = toSituation(route.route, steer, inputs)
  const writes = route.writes && writesOf(free)
  const { affinity, situation } = tellAffinity(route, { steer, situation: free, writes }, decision)
  const steers = steersOf(route, steer, writes)
  const [{ ordering } = steer] = steers
  const key = describeKey(ordering.key, facts, snapshot.settings.sessionCookie)
  const shift = writes === 'write' ? undefined : explainShift(steer, situation)
  const attempts = decision.type === 'steer' ? decision.attempts.map(({ id }) => id) : []
  const kept = decision.type === 'steer' ? decision.affinity?.kept?.id : undefined
  const told: Told = { steers, situation, attempts, kept }
  const pools = explainPools(told)
  const candidates = explainCandidates(told)
  return {
    parts: {
      policy: ordering.policy,
      key,
      ...(shift && { shift }),
      ...(writes && { writes }),
      ...(affinity && { affinity }),
    },
    words: [
      ...(writes ? [writeWords(writes, facts)] : []),
      ...steers.map((each) => policyWords(each, key)),
      ...(shift ? [`Of route ${route.id} the ${shift.words}.`] : []),
      ...(affinity ? [affinityWords(affinity)] : []),
      ...pools.map(({ pool, words }) => `Pool ${pool}: ${words}.`),
      ...candidates
        .filter(({ excluded }) => excluded)
        .map(({ origin, words }) => `Origin ${origin} is ${words}.`),
    ],
    pools,
    candidates,
  }
}

function writesOf(situation: Situation): Explanation['writes'] {
  if (isWrite(situation)) return 'write'
  return hasWritten(situation) ? 'wrote' : undefined
}

/** The orderings that a request meets: where writes go, and behind that where reads do. */
function steersOf(
  { writes: writer }: CompiledRoute,
  steer: CompiledSteer,
  writes: Explanation['writes'],
): readonly CompiledSteer[] {
  if (writer === undefined || writes === undefined) return [steer]
  return writes === 'write' ? [writer] : [writer, steer]
}

interface Asked {
  readonly steer: CompiledSteer
  readonly situation: Situation
  readonly writes: Explanation['writes']
}

/** What affinity has made of a request, and the situation in which others than its own origin were found. */
function tellAffinity(
  compiled: CompiledRoute,
  { steer, situation, writes }: Asked,
  decision: Decision,
): Pick<Explanation, 'affinity'> & { readonly situation: Situation } {
  const { affinity } = compiled.route
  const { facts } = situation
  if (affinity === undefined) return { situation }
  const isUntouched = decision.type === 'steer' && decision.affinity === UNTOUCHED
  if (writes === 'write' || isUntouched) {
    return { situation, affinity: explainUntouched(affinity, facts) }
  }
  const steered = { route: compiled, steer, affinity }
  const belonging = belongingOf(steered, situation)
  const told = explainAffinity(affinity, facts, { belonging, decision })
  return { situation: belonging.situation, affinity: told }
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
