import { describe, expect, it } from 'vitest'
import type { CacheRequest } from '../../../src/cache/policy/message.ts'
import {
  isOnlyIfCached,
  judgeReuse,
  type Moment,
  ttlSecondsOf,
} from '../../../src/cache/policy/reuse.ts'
import { NOON, storedOf, toRequest } from './exchange.ts'

const MINUTE = 60_000
const SITUATIONS = ['well', 'recovering', 'out', 'failed'] as const
const HOUR = 3_600_000
const RESPECT = { respectNoCache: true }

const at = (ageMs: number, moment: Partial<Moment> = {}): Moment => ({
  nowMs: NOON + ageMs,
  respectNoCache: false,
  situation: 'well',
  purge: 'none',
  ...moment,
})
const store = (control: string, settings: unknown = {}) =>
  storedOf({ headers: { 'cache-control': control, etag: '"a"' } }, settings)
const judge = (control: string, moment: Moment, asked = '') =>
  judgeReuse(store(control), toRequest(asked === '' ? {} : { 'cache-control': asked }), moment)
const STALE = (by: string) => ({ type: 'stale', by })
const FRESH = { type: 'fresh' }
const VALIDATE = { type: 'validate' }

const gets = (asked: string, ageMs: number, moment: Partial<Moment> = RESPECT) =>
  judge('max-age=60, stale-while-revalidate=60', at(ageMs, moment), asked)
const pragma = (headers: Record<string, string>, moment = RESPECT) =>
  judgeReuse(store('max-age=60'), toRequest({ pragma: 'no-cache', ...headers }), at(0, moment))

const failed = (ageMs: number) => at(ageMs, { situation: 'failed' })

describe('a stored answer', () => {
  it('is fresh as long as its lifetime is longer than its age, and then validated', () => {
    expect(judge('max-age=60', at(MINUTE - 1))).toEqual(FRESH)
    expect(judge('max-age=60', at(MINUTE))).toEqual(VALIDATE)
  })

  it('is fresh without a look at any header, unless clients may ask for validation', () => {
    const read: string[] = []
    const request: CacheRequest = { method: 'GET', header: (name) => void read.push(name) }
    expect(judgeReuse(store('max-age=60'), request, at(0))).toEqual(FRESH)
    expect(read).toEqual([])
    expect(judgeReuse(store('max-age=60'), request, at(0, RESPECT))).toEqual(FRESH)
    expect(read).toEqual(['cache-control', 'pragma'])
  })

  it('that says "no-cache" is validated each time, in every situation', () => {
    for (const situation of SITUATIONS) {
      expect(judge('no-cache, max-age=60, stale-if-error=600', at(0, { situation }))).toEqual(
        VALIDATE,
      )
      expect(judge('no-cache, max-age=60', at(0, { situation }), 'max-stale')).toEqual(VALIDATE)
    }
  })

  it.each(['must-revalidate', 'proxy-revalidate', 's-maxage=60, must-revalidate'])(
    'that says "%s" is never used stale',
    (directive) => {
      const control = `max-age=60, stale-while-revalidate=600, stale-if-error=600, ${directive}`
      for (const situation of SITUATIONS) {
        expect(judge(control, at(0, { situation }))).toEqual(FRESH)
        expect(judge(control, at(MINUTE, { situation }), 'max-stale, stale-if-error=600')).toEqual(
          VALIDATE,
        )
      }
    },
  )

  it('that says "s-maxage" is not used stale by a window of the route or the wish of a client', () => {
    const settings = { stale: { whileRevalidate: '1h', ifError: '1h' } }
    const stored = store('s-maxage=60', settings)
    const asked = toRequest({ 'cache-control': 'max-stale, stale-if-error=600' })
    for (const situation of SITUATIONS) {
      expect(judgeReuse(stored, asked, at(MINUTE, { situation }))).toEqual(VALIDATE)
    }
  })

  it('that says "s-maxage" is used stale by a window that stands beside it, and only by that', () => {
    const both = 's-maxage=60, stale-while-revalidate=30, stale-if-error=20'
    expect(judge(both, at(90_000 - 1))).toEqual(STALE('while-revalidate'))
    expect(judge(both, at(90_000), 'max-stale')).toEqual(VALIDATE)
    expect(judge(both, at(80_000 - 1, { situation: 'failed' }))).toEqual(STALE('if-error'))
    expect(judge(both, at(90_000 - 1, { situation: 'out' }))).toEqual(STALE('while-revalidate'))
    expect(judge(both, at(90_000, { situation: 'out' }), 'stale-if-error=600')).toEqual(VALIDATE)
    expect(judge(both, at(90_000, { situation: 'recovering' }))).toEqual(VALIDATE)
  })

  it('that says "s-maxage" is used by the windows of a route that wants it so', () => {
    const stored = store('s-maxage=60', { stale: { despiteSMaxage: true } })
    expect(judgeReuse(stored, toRequest(), at(MINUTE, { situation: 'out' }))).toEqual(
      STALE('while-out'),
    )
    const strict = store('s-maxage=60, proxy-revalidate', { stale: { despiteSMaxage: true } })
    expect(judgeReuse(strict, toRequest(), at(MINUTE, { situation: 'out' }))).toEqual(VALIDATE)
  })

  it('that a hard purge is about is as if it were not there, that a soft one is about is stale', () => {
    const control = 'max-age=60, stale-while-revalidate=5'
    expect(judge(control, at(0, { purge: 'hard', situation: 'out' }))).toEqual({ type: 'unusable' })
    expect(judge(control, at(0, { purge: 'soft' }))).toEqual(STALE('while-revalidate'))
    expect(judge('max-age=60', at(0, { purge: 'soft' }))).toEqual(VALIDATE)
    expect(judge('max-age=60', at(0, { purge: 'soft', situation: 'out' }))).toEqual(
      STALE('while-out'),
    )
  })
})

describe('a stale answer', () => {
  it('is used while it is revalidated, within the window that its origin gives', () => {
    const control = 'max-age=60, stale-while-revalidate=30'
    expect(judge(control, at(90_000 - 1))).toEqual(STALE('while-revalidate'))
    expect(judge(control, at(90_000))).toEqual(VALIDATE)
  })

  it('is used while it is revalidated within the window of the route, where its origin gives none', () => {
    const settings = { stale: { whileRevalidate: '20s' } }
    const judged = (control: string, ageMs: number) =>
      judgeReuse(store(control, settings), toRequest(), at(ageMs))
    expect(judged('max-age=60', 80_000 - 1)).toEqual(STALE('while-revalidate'))
    expect(judged('max-age=60', 80_000)).toEqual(VALIDATE)
    expect(judged('max-age=60, stale-while-revalidate=0', MINUTE)).toEqual(VALIDATE)
    expect(judged('max-age=60, must-revalidate', MINUTE)).toEqual(VALIDATE)
  })

  it('is used where the origin failed, within the window for that', () => {
    const control = 'max-age=60, stale-if-error=30'
    expect(judge(control, at(90_000 - 1, { situation: 'failed' }))).toEqual(STALE('if-error'))
    expect(judge(control, at(90_000, { situation: 'failed' }))).toEqual(VALIDATE)
    expect(judge(control, at(MINUTE))).toEqual(VALIDATE)
  })

  it('is used where the origin failed within the window of the route, where its origin gives none', () => {
    expect(judge('max-age=60', failed(6 * MINUTE - 1))).toEqual(STALE('if-error'))
    expect(judge('max-age=60', failed(6 * MINUTE))).toEqual(VALIDATE)
    expect(judge('max-age=60, stale-if-error=0', failed(MINUTE))).toEqual(VALIDATE)
    const stored = store('max-age=60', { stale: { ifError: '0s' } })
    expect(judgeReuse(stored, toRequest(), failed(MINUTE))).toEqual(VALIDATE)
  })

  it('is used on an error as long as the client itself allows it', () => {
    const late = failed(MINUTE + 50_000)
    expect(judge('max-age=60', late, 'stale-if-error=60')).toEqual(STALE('if-error'))
    expect(judge('max-age=60, stale-if-error=600', late, 'stale-if-error=5')).toEqual(VALIDATE)
  })

  it('is used while no origin can be asked, within the window of the route', () => {
    expect(judge('max-age=60', at(MINUTE + HOUR - 1, { situation: 'out' }))).toEqual(
      STALE('while-out'),
    )
    expect(judge('max-age=60', at(MINUTE + HOUR, { situation: 'out' }))).toEqual(VALIDATE)
    const long = 'max-age=60, stale-if-error=7200'
    expect(judge(long, at(MINUTE + 2 * HOUR - 1, { situation: 'out' }))).toEqual(STALE('if-error'))
  })

  it('is used while an origin comes back, in a window that begins anew then', () => {
    const recovering = { situation: 'recovering' } as const
    const since = (ms: number) => ({ ...recovering, recoveringSinceMs: NOON + ms })
    expect(judge('max-age=60, stale-while-revalidate=1', at(MINUTE, since(MINUTE)))).toEqual(
      STALE('while-revalidate'),
    )
    const later = 60 * MINUTE
    expect(judge('max-age=60', at(later, since(later - 2 * MINUTE + 1)))).toEqual(
      STALE('while-recovering'),
    )
    expect(judge('max-age=60', at(later, since(later - 2 * MINUTE)))).toEqual(VALIDATE)
    const latest = 63 * MINUTE
    expect(judge('max-age=60', at(latest - 1, since(latest - MINUTE)))).toEqual(
      STALE('while-recovering'),
    )
    expect(judge('max-age=60', at(latest, since(latest - MINUTE)))).toEqual(VALIDATE)
  })

  it('that runs out after an origin has begun to come back is used for as long again as it was fresh', () => {
    const returning = { situation: 'recovering', recoveringSinceMs: NOON } as const
    expect(judge('max-age=60', at(2 * MINUTE - 1, returning))).toEqual(STALE('while-recovering'))
    expect(judge('max-age=60', at(2 * MINUTE, returning))).toEqual(VALIDATE)
    // Never longer than the window of the route.
    expect(judge('max-age=3600', at(HOUR + 2 * MINUTE - 1, returning))).toEqual(
      STALE('while-recovering'),
    )
    expect(judge('max-age=3600', at(HOUR + 2 * MINUTE, returning))).toEqual(VALIDATE)
  })

  it('is used for a client that takes it as stale as it is', () => {
    expect(judge('max-age=60', at(MINUTE + 5000), 'max-stale=5')).toEqual(STALE('max-stale'))
    expect(judge('max-age=60', at(MINUTE + 5001), 'max-stale=5')).toEqual(VALIDATE)
    expect(judge('max-age=60', at(HOUR), 'max-stale')).toEqual(STALE('max-stale'))
  })

  it('is used beyond "must-revalidate" only where the route overrides it', () => {
    const settings = { mode: 'override', ttl: { default: '1m' } }
    const stored = store('no-cache, must-revalidate, s-maxage=0', settings)
    expect(judgeReuse(stored, toRequest(), at(MINUTE - 1))).toEqual(FRESH)
    expect(judgeReuse(stored, toRequest(), at(MINUTE, { situation: 'out' }))).toEqual(
      STALE('while-out'),
    )
  })
})

describe('a client', () => {
  it('has no say over validation unless the route respects it', () => {
    for (const asked of ['no-cache', 'max-age=0', 'min-fresh=600']) {
      expect(gets(asked, 0, {})).toEqual(FRESH)
      expect(gets(asked, MINUTE, {})).toEqual(STALE('while-revalidate'))
    }
  })

  it('gets an answer validated where it says "no-cache"', () => {
    expect(gets('no-cache', 0)).toEqual(VALIDATE)
    expect(gets('no-cache', MINUTE)).toEqual(VALIDATE)
    expect(gets('no-cache, max-stale', MINUTE)).toEqual(VALIDATE)
  })

  it('gets no answer older than its "max-age", and no stale one without "max-stale"', () => {
    expect(gets('max-age=10', 10_000)).toEqual(FRESH)
    expect(gets('max-age=10', 10_001)).toEqual(VALIDATE)
    expect(gets('max-age=600', MINUTE + 1)).toEqual(VALIDATE)
    expect(gets('max-age=600, max-stale', MINUTE + 1)).toEqual(STALE('while-revalidate'))
    expect(gets('max-age=600, max-stale', 3 * MINUTE)).toEqual(STALE('max-stale'))
    expect(gets('max-age=100, max-stale', 3 * MINUTE)).toEqual(VALIDATE)
  })

  it('gets an answer that is fresh for as long as its "min-fresh" says', () => {
    expect(gets('min-fresh=10', 50_000)).toEqual(FRESH)
    expect(gets('min-fresh=10', 50_001)).toEqual(VALIDATE)
    expect(gets('min-fresh=0', MINUTE + 1)).toEqual(VALIDATE)
  })

  it('is heard by "Pragma" only where there is no Cache-Control', () => {
    expect(pragma({})).toEqual(VALIDATE)
    expect(pragma({ 'cache-control': 'max-age=60' })).toEqual(FRESH)
    expect(pragma({}, { respectNoCache: false })).toEqual(FRESH)
  })

  it('that prefers validation gets what is stored where the origin cannot be asked', () => {
    for (const situation of ['out', 'failed'] as const) {
      expect(gets('no-cache', 0, { ...RESPECT, situation })).toEqual(FRESH)
      expect(gets('max-age=0, min-fresh=600', 0, { ...RESPECT, situation })).toEqual(FRESH)
    }
    expect(gets('no-cache', MINUTE, { ...RESPECT, situation: 'out' })).toEqual(STALE('while-out'))
  })

  it('that wants nothing but what is stored gets it, or 504', () => {
    expect(gets('only-if-cached', 0)).toEqual(FRESH)
    expect(gets('only-if-cached', MINUTE)).toEqual(STALE('while-revalidate'))
    expect(gets('only-if-cached', 3 * MINUTE)).toEqual({ type: 'gateway-timeout' })
    expect(gets('only-if-cached', 3 * MINUTE, {})).toEqual({ type: 'gateway-timeout' })
    expect(gets('only-if-cached, max-age=1', 2000)).toEqual({ type: 'gateway-timeout' })
    expect(isOnlyIfCached(toRequest({ 'cache-control': 'a, Only-If-Cached' }))).toBe(true)
    expect(isOnlyIfCached(toRequest({ 'cache-control': 'no-cache' }))).toBe(false)
    expect(isOnlyIfCached(toRequest())).toBe(false)
  })

  it('may get a stored answer though it says "no-store"', () => {
    expect(gets('no-store', 0)).toEqual(FRESH)
  })
})

describe('"immutable"', () => {
  it('makes nothing fresh for longer than its lifetime', () => {
    expect(judge('max-age=60, immutable', at(MINUTE - 1))).toEqual(FRESH)
    expect(judge('max-age=60, immutable', at(MINUTE))).toEqual(VALIDATE)
  })

  it('does not spare a client that asks for validation, and may be heard, its wish', () => {
    expect(judge('max-age=60, immutable', at(0, RESPECT), 'no-cache')).toEqual(VALIDATE)
    expect(judge('max-age=60, immutable', at(0), 'no-cache')).toEqual(FRESH)
  })

  it('means the same twice, and with an argument', () => {
    expect(store('max-age=60, immutable=5, immutable').freshMs).toBe(store('max-age=60').freshMs)
  })
})

describe('the rest of a lifetime', () => {
  it('is told in whole seconds, negative once it is over', () => {
    expect(ttlSecondsOf(store('max-age=60'), NOON + 500)).toBe(59)
    expect(ttlSecondsOf(store('max-age=60'), NOON + 61_000)).toBe(-1)
  })
})
