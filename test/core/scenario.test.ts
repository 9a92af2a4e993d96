import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'jsonc-parser'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { decide } from '../../src/core/decide.ts'
import type { AffinityDecision, Decision } from '../../src/core/decision.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { factsOf, observationsOf, snapshotOf } from '../support/builders.ts'

const folder = new URL('../scenario/', import.meta.url)

/** One story in one file: a configuration, how things stand, and what each request must lead to. */
const Scenario = z.strictObject({
  title: z.string(),
  config: z.custom<AuthoredConfig>(),
  requests: z.array(
    z.strictObject({
      title: z.string(),
      facts: z.record(z.string(), z.unknown()).default({}),
      conditions: z.record(z.string(), z.unknown()).default({}),
      observed: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
      expect: z.record(z.string(), z.unknown()),
    }),
  ),
})

/** The part of a decision that a story tells. */
function toStory(decision: Decision): Record<string, unknown> {
  switch (decision.type) {
    case 'steer':
      return {
        route: decision.route.id,
        attempts: decision.attempts.map(({ id }) => id),
        ...(decision.tolerance === 'none' ? {} : { tolerance: decision.tolerance }),
        ...(decision.mirror ? { mirror: decision.mirror.id } : {}),
        ...(decision.affinity ? { affinity: toAffinityStory(decision.affinity) } : {}),
        ...(decision.natural ? { natural: decision.natural.id } : {}),
      }
    case 'respond':
      return { route: decision.route.id, status: decision.respond.status }
    case 'redirect':
      return { route: decision.route.id, status: decision.redirect.status }
    case 'refuse':
      return { refused: decision.reason.type }
  }
}

/** `kept eu-1, binds`, `left eu-1: unhealthy`, `free`. */
function toAffinityStory({ kept, left, binds }: AffinityDecision): string {
  const place = kept ? `kept ${kept.id}` : left ? `left ${left.origin}: ${left.why.type}` : 'free'
  return binds ? `${place}, binds` : place
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonc'))) {
  const { title, config, requests } = Scenario.parse(
    parse(readFileSync(new URL(file, folder), 'utf8'), [], { allowTrailingComma: true }),
  )
  describe(`${title} (${file})`, () => {
    it.each(requests)('$title', ({ facts, conditions, observed, expect: expected }) => {
      const snapshot = snapshotOf(config, conditions)
      const decision = decide(factsOf(facts), snapshot, observationsOf(snapshot, observed))
      expect(toStory(decision)).toEqual(expected)
    })
  })
}
