import type { Affinity } from '../schema/affinity.ts'
import type { AffinityVerdict } from '../schema/explanation.ts'
import type { RequestFacts } from '../schema/facts.ts'
import type { Belonging } from './affinity/course.ts'
import { describeSessionKey, placementOf } from './affinity/session-key.ts'
import type { Decision } from './decision.ts'
import { toExclusionWords } from './reason.ts'

/** What affinity has made of a request. */
export function explainAffinity(
  affinity: Affinity,
  facts: RequestFacts,
  { belonging, decision }: { readonly belonging: Belonging; readonly decision: Decision },
): AffinityVerdict {
  const steered = decision.type === 'steer' ? decision : undefined
  const binds = steered?.affinity?.binds ?? false
  const verdict = verdictOf(belonging, facts)
  const natural = steered?.natural?.id
  return {
    ...partsOf(affinity, facts),
    verdict,
    ...(belonging.left && { why: belonging.left.why }),
    binds,
    ...(natural !== undefined && { natural }),
    words: [
      WORDS[verdict]({ affinity, facts, belonging, binds }),
      ...(natural === undefined ? [] : [`with every share whole it would go to ${natural}`]),
    ].join('; '),
  }
}

/** The same of a request that goes where writes go. */
export function explainUntouched(affinity: Affinity, facts: RequestFacts): AffinityVerdict {
  return {
    ...partsOf(affinity, facts),
    verdict: 'untouched',
    binds: false,
    words: 'where writes go, affinity has no say: no bond is followed, and none is made',
  }
}

function partsOf(affinity: Affinity, facts: RequestFacts) {
  const { bond } = facts
  return {
    type: affinity.type,
    key: describeSessionKey(affinity, facts),
    ...(bond && { origin: bond.origin, boundAtMs: bond.boundAtMs }),
  }
}

type Verdict = 'free' | 'void' | 'kept' | 'left'

function verdictOf({ home, left }: Belonging, { bond }: RequestFacts): Verdict {
  if (bond === undefined) return 'free'
  if (home === undefined) return 'void'
  return left ? 'left' : 'kept'
}

interface Told {
  readonly affinity: Affinity
  readonly facts: RequestFacts
  readonly belonging: Belonging
  readonly binds: boolean
}

const WORDS: Readonly<Record<Verdict, (told: Told) => string>> = {
  free: (told) => `its client is bound nowhere; ${freeWords(told)}`,
  void: (told) => {
    const { facts, belonging } = told
    return `its bond to ${facts.bond?.origin} is void, since ${voidWords(belonging)}; ${freeWords(told)}`
  },
  kept: ({ facts }) => `its client is bound to ${facts.bond?.origin}, and stays`,
  left: (told) => {
    const { facts, belonging } = told
    const why = belonging.left ? toExclusionWords(belonging.left.why) : ''
    return `its client is bound to ${facts.bond?.origin}, which is ${why}; ${leftWords(told)}`
  },
}

function voidWords({ remembers, isSpare }: Belonging): string {
  if (!remembers) return 'nobody remembers bonds'
  return isSpare
    ? 'the fallback pool keeps nobody longer than it is needed'
    : 'that is no origin of this route'
}

function freeWords({ affinity, facts, binds }: Told): string {
  const isPlaced = placementOf(affinity, facts) !== undefined
  const placed = isPlaced ? 'that key places it' : 'the policy places it'
  return `${placed}${binds ? ', and it will be bound where it is answered' : ''}`
}

function leftWords({ affinity, binds }: Told): string {
  if (binds) return 'it will be bound where it is answered'
  return affinity.failover === 'none'
    ? 'nobody else knows its session'
    : 'others serve it until it may come back'
}
