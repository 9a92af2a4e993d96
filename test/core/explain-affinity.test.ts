import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { explain } from '../../src/core/explain.ts'
import type { OriginObservation } from '../../src/core/observation.ts'
import type { Conditions } from '../../src/schema/condition.ts'
import type { AuthoredConfig } from '../../src/schema/config.ts'
import { Explanation } from '../../src/schema/explanation.ts'
import type { RequestFacts } from '../../src/schema/facts.ts'
import { factsOf, observationsOf, poolsOf, snapshotOf } from '../support/builders.ts'

type AuthoredRoute = NonNullable<NonNullable<AuthoredConfig['routes']>[string]>

interface Asked {
  readonly route?: Partial<AuthoredRoute>
  readonly conditions?: z.input<typeof Conditions>
  readonly seen?: Record<string, Partial<OriginObservation>>
  readonly facts?: Partial<z.input<typeof RequestFacts>>
}

function ask({ route, conditions, seen, facts }: Asked): Explanation {
  const config: AuthoredConfig = {
    pools: poolsOf({ eu: ['eu-1', 'eu-2'], us: ['us-1'], rw: ['rw-1'] }),
    routes: {
      shop: {
        steer: { policy: 'failover', pools: ['eu', 'us'] },
        affinity: { type: 'cookie' },
        ...route,
      },
    },
  }
  const snapshot = snapshotOf(config, conditions)
  const request = factsOf({ nowMs: 100_000, random: 0.3, ...facts })
  const told = explain(request, snapshot, observationsOf(snapshot, seen))
  return Explanation.parse(JSON.parse(JSON.stringify(told)))
}

const bond = { origin: 'us-1', boundAtMs: 1000 }

function affinityLine({ words }: Explanation): string | undefined {
  return words.find((line) => line.startsWith('Affinity'))
}

describe('explain, on a route with affinity', () => {
  it('says of a client that is bound nowhere how it is placed, and that it will be bound', () => {
    const told = ask({})
    expect(told.affinity).toMatchObject({ verdict: 'free', binds: true })
    expect(affinityLine(told)).toBe(
      'Affinity goes by a cookie: its client is bound nowhere; the policy places it, and it will be bound where it is ' +
        'answered.',
    )
  })

  it('says who is kept, and does not count against its origin what keeps others away', () => {
    const drain = { state: 'drain', drainFromMs: 0, drainUntilMs: 1e6 } as const
    const told = ask({ facts: { bond }, conditions: { origins: { 'us-1': drain } } })
    expect(told.affinity).toEqual({
      type: 'cookie',
      key: 'a cookie',
      verdict: 'kept',
      ...bond,
      boundAtMs: 1000,
      binds: true,
      words: 'its client is bound to us-1, and stays',
    })
    expect(told.candidates.find(({ origin }) => origin === 'us-1')).toMatchObject({
      attempt: 1,
      words: 'attempt 1: its client is bound here',
    })
    expect(told.words.filter((line) => line.includes('us-1 is'))).toEqual([])
  })

  it('says who has to leave, why, and what becomes of it', () => {
    const conditions = { pools: { us: { health: 'unhealthy', evidence: 'refused' } } } as const
    const tell = (failover: 'sticky' | 'temporary' | 'none') =>
      ask({ facts: { bond }, conditions, route: { affinity: { type: 'cookie', failover } } })
    const place =
      'Affinity goes by a cookie: its client is bound to us-1, which is unhealthy: refused; '
    const sticky = tell('sticky')
    expect(sticky.affinity).toMatchObject({ verdict: 'left', why: { type: 'unhealthy' } })
    expect(affinityLine(sticky)).toBe(`${place}it will be bound where it is answered.`)
    expect(affinityLine(tell('temporary'))).toBe(`${place}others serve it until it may come back.`)
    const none = tell('none')
    expect(affinityLine(none)).toBe(`${place}nobody else knows its session.`)
    expect(none).toMatchObject({ decision: 'refuse', status: 503, attempts: [] })
  })

  it('says which bonds are void, and why', () => {
    const lost = ask({ facts: { bond: { origin: 'eu-9', boundAtMs: 0 } } })
    expect(affinityLine(lost)).toContain(
      'its bond to eu-9 is void, since that is no origin of this route',
    )
    const route: Partial<AuthoredRoute> = { affinity: { type: 'ip' } }
    const forgotten = ask({ facts: { bond, client: { ip: '203.0.113.7' } }, route })
    expect(forgotten.affinity).toMatchObject({ verdict: 'void', binds: false, key: '203.0.113.7' })
    expect(affinityLine(forgotten)).toBe(
      'Affinity goes by 203.0.113.7: its bond to us-1 is void, since nobody remembers bonds; that key places it.',
    )
  })

  it('says that a bond to the fallback pool is over', () => {
    const route: Partial<AuthoredRoute> = {
      steer: { policy: 'failover', pools: ['eu', 'us'], fallback: 'rw' },
    }
    const told = ask({ route, facts: { bond: { origin: 'rw-1', boundAtMs: 0 } } })
    expect(told.affinity).toMatchObject({ verdict: 'void', binds: true })
    expect(affinityLine(told)).toContain(
      'its bond to rw-1 is void, since the fallback pool keeps nobody longer than it is needed;',
    )
  })

  it('never tells the value of a session', () => {
    const names = [{ header: 'x-session' }, { cookie: 'sid' }]
    const route: Partial<AuthoredRoute> = { affinity: { type: 'header', names } }
    const told = ask({
      route,
      facts: { headers: { 'x-session': 'hush' }, cookies: { sid: 'hush' } },
    })
    expect(JSON.stringify(told)).not.toContain('hush')
    expect(told.affinity?.key).toBe('header x-session or cookie sid')
    expect(ask({ route }).affinity?.key).toBe('header x-session or cookie sid, which it lacks')
  })

  it('says while a share moves whom a request would go to in the end', () => {
    const eu = { sharePercent: 0, keepsSinceMs: 50_000 }
    const told = ask({
      facts: { bond: { origin: 'eu-1', boundAtMs: 0 } },
      conditions: { pools: { eu } },
    })
    expect(told.affinity).toMatchObject({ verdict: 'left', natural: expect.stringMatching(/^eu-/) })
    expect(affinityLine(told)).toMatch(/with every share whole it would go to eu-\d\.$/)
  })

  it('tells shed load and trials with their numbers', () => {
    const told = ask({
      conditions: { pools: { us: { shed: { newPercent: 100 } } } },
      seen: { 'eu-1': { trials: 3, trialsUnderWay: 3 } },
      facts: { client: { ip: '203.0.113.7' } },
    })
    expect(told.words).toContainEqual(
      expect.stringMatching(
        /^Pool us: shedding 100 % of this traffic \(by hand\): the key falls at \d+\.\d\d %;/,
      ),
    )
    expect(told.words).toContain(
      'Origin eu-1 is passed over: on trial after an ejection: 3 of 3 trials under way.',
    )
  })
})

describe('explain, on a route that splits writes from reads', () => {
  const route: Partial<AuthoredRoute> = { writes: { pool: 'rw' } }

  it('says that a request is a write, and that affinity has no say', () => {
    const told = ask({ route, facts: { method: 'PUT', bond } })
    expect(told).toMatchObject({ writes: 'write', attempts: ['rw-1'], policy: 'failover' })
    expect(told.affinity).toMatchObject({ verdict: 'untouched', origin: 'us-1', binds: false })
    expect(told.words.slice(1, 3)).toEqual([
      'PUT is a write, so it goes where writes go.',
      'Policy failover orders rw; the key is chance (the client is unknown).',
    ])
    expect(told.pools.map(({ pool }) => pool)).toEqual(['rw'])
  })

  it('says that its client wrote lately, and tells of the writer and the readers', () => {
    const told = ask({ route, facts: { bond, wroteUntilMs: 103_500 } })
    expect(told).toMatchObject({ writes: 'wrote', attempts: ['rw-1', 'us-1', 'eu-1'] })
    expect(told.words).toContain(
      'Its client wrote lately: for another 4 s it reads where it wrote, readers behind.',
    )
    expect(told.pools.map(({ pool }) => pool)).toEqual(['rw', 'eu', 'us'])
    expect(told.affinity?.verdict).toBe('untouched')
  })

  it('says where its client belongs after all when the writer is out', () => {
    const conditions = { pools: { rw: { state: 'maintenance' } } } as const
    const told = ask({ route, conditions, facts: { bond, wroteUntilMs: 103_500 } })
    expect(told.affinity?.verdict).toBe('kept')
    expect(told.attempts[0]).toBe('us-1')
  })
})
