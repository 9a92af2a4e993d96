import { describe, expect, it } from 'vitest'
import { costOf } from './cache/cost.ts'
import { FEEDS, PROFILES, STATIC, type Trace } from './cache/trace.ts'
import { LAYOUT, playTrace, type Tally } from './cache/world.ts'

// Readers of a site, by Zipf's law, in front of the memory, the policy and the admission to KV as they are shipped.

const SEED = 2026

function shareOf(tally: Tally, count: number): number {
  return count / tally.requests
}

/** A quarter of the time is enough for what is fresh for seconds. */
const shorter = (trace: Trace): Trace => ({ ...trace, seconds: trace.seconds / 4 })

describe('a site behind the cache', () => {
  const files = playTrace(STATIC, LAYOUT, SEED)

  it('has 95 in 100 requests for its files answered, with memory for a tenth of them', () => {
    expect(shareOf(files, files.origin)).toBeLessThan(0.05)
    expect(shareOf(files, files.memory)).toBeGreaterThan(0.5)
    expect(files.kv).toBeGreaterThan(0)
    const { memory, colo, kv, shield, origin, requests } = files
    expect(memory + colo + kv + shield + origin).toBe(requests)
  })

  it('is spared 85 in 100 requests for its files', () => {
    expect(shareOf(files, files.originRequests)).toBeLessThan(0.15)
  })

  it('pays less for KV than for the requests themselves', () => {
    const cost = costOf(files)
    expect(cost.kv).toBeLessThan(cost.requests)
  })

  it('has 85 in 100 requests for profiles answered, though one in twenty is private', () => {
    const profiles = playTrace(PROFILES, LAYOUT, SEED)
    expect(shareOf(profiles, profiles.origin)).toBeLessThan(0.15)
    expect(profiles.origin).toBeGreaterThan(profiles.requests * PROFILES.privateShare * 0.9)
  })

  it('has 75 in 100 requests for feeds answered, and is asked less often behind a shield', () => {
    const feeds = playTrace(shorter(FEEDS), LAYOUT, SEED)
    const shielded = playTrace(shorter(FEEDS), { ...LAYOUT, hasShield: true }, SEED)
    expect(shareOf(feeds, feeds.origin)).toBeLessThan(0.25)
    expect(shielded.originRequests).toBeLessThan(feeds.originRequests * 0.6)
  })
})
