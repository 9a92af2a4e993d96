import * as fc from 'fast-check'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import type { CacheServerId } from '../support/cache-servers/install.ts'
import { startNginx } from '../support/cache-servers/nginx.ts'
import { startTrafficServer } from '../support/cache-servers/trafficserver.ts'
import { startVarnish } from '../support/cache-servers/varnish.ts'
import { told } from '../support/exchanges/case.ts'
import { type Difference, differencesOf, toWords } from '../support/exchanges/difference.ts'
import type { Outcome } from '../support/exchanges/exchange.ts'
import { EXPLAINED } from '../support/exchanges/explained.ts'
import { explain } from '../support/exchanges/explanation.ts'
import { fixedCases } from '../support/exchanges/fixed.ts'
import { anyExchange } from '../support/exchanges/generated.ts'
import { playThrough, startOurs } from '../support/exchanges/stage.ts'
import { PROPERTY_SEED } from '../support/property-seed.ts'

// The same requests go through this router and through other caches, each in front of an origin that answers all of
// them alike. Where ours does otherwise, docs/conformance-caching.md says why, or a test fails. Other exchanges:
// `PROPERTY_SEED=$RANDOM npx vitest run --project system test/system/cache-standards.test.ts`.

const STARTS = { nginx: startNginx, varnish: startVarnish, trafficserver: startTrafficServer }
const PEERS = Object.keys(STARTS) as readonly CacheServerId[]
const GENERATED = 150

const exchanges = [
  ...fixedCases,
  ...fc.sample(anyExchange, { numRuns: GENERATED, seed: PROPERTY_SEED }),
]
const missing = inject('missingCaches')
const present = PEERS.filter((peer) => missing[peer] === undefined)

type Played = readonly (readonly Outcome[])[]
let ours: Played
const theirs = new Map<CacheServerId, Played>()

beforeAll(async () => {
  const others = present.map(async (peer) => {
    theirs.set(peer, await playThrough(STARTS[peer], exchanges))
  })
  ours = await playThrough(startOurs, exchanges)
  await Promise.all(others)
})

function differences(peer: CacheServerId): readonly Difference[] {
  return exchanges.flatMap((exchange, at) => {
    const [one = [], other = []] = [ours[at], theirs.get(peer)?.[at]]
    return differencesOf(peer, exchange, { ours: one, theirs: other })
  })
}

describe('a cache in "standard"', () => {
  it('does with each of many exchanges what the standards say', () => {
    const given = fixedCases.map(({ section, title }, at) => {
      const last = ours[at]?.at(-1)
      return `${section}, ${title}: ${last ? told(last) : 'nothing'}`
    })
    const wanted = fixedCases.map(
      ({ section, title, expected }) => `${section}, ${title}: ${expected}`,
    )
    expect(given).toEqual(wanted)
  })

  for (const peer of PEERS) {
    it.skipIf(!present.includes(peer))(`differs from ${peer} only as explained`, () => {
      const found = differences(peer)
      expect(found.length).toBeGreaterThan(20)
      const unexplained = found.filter((difference) => !explain(difference, EXPLAINED))
      expect(unexplained.map(toWords)).toEqual([])
    })
  }

  it.skipIf(present.length < PEERS.length)('is explained by nothing that is not met', () => {
    // By the fixed ones alone, so that it holds with any seed.
    const fixed = new Set<Difference['exchange']>(fixedCases)
    const found = present.flatMap(differences).filter(({ exchange }) => fixed.has(exchange))
    const met = new Set(found.map((difference) => explain(difference, EXPLAINED)))
    const unmet = Object.values(EXPLAINED)
      .flat()
      .filter((explanation) => !met.has(explanation))
    expect(unmet.map(({ they }) => they)).toEqual([])
  })
})
