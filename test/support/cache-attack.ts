import { answerCarelessly } from './careless-origin.ts'
import { header, type HeaderLines, type Received, type Sent } from './client.ts'
import { type Shared, shareRouters } from './file-router.ts'
import { perHost, type RouteParts } from './stage.ts'

/** A host that attackers would like: what they send is found again by this. */
export const EVIL = 'evil.example'

/** Routes with a cache, by what they leave to an origin that is careless. */
const ROUTES: Readonly<Record<string, RouteParts>> = {
  'standard.test': { cache: {} },
  'unarmored.test': { cache: { armor: false } },
  'override.test': {
    cache: { mode: 'override', ttl: { default: '1m', statuses: { '4xx': '1m' } } },
  },
  'silent.test': { cache: {}, responseHeaders: { remove: ['cache-status', 'age'] } },
  'strip.test': { cache: { setCookie: 'strip' } },
  'keyed.test': {
    cache: {
      key: { headers: ['x-tenant'], cookies: ['theme'], query: { exclude: ['utm_*'] } },
      bypass: { paths: ['/account/*'] },
    },
  },
  'paged.test': { cache: { key: { query: { include: ['page'] } } } },
}

/** A request: where, and what is sent. */
export type Asking = readonly [url: string, sent?: Sent]

/** What attacks and their victims got. */
export interface Outcome {
  readonly attacked: Received
  readonly got: Received
  /** The victim once more: whether its own answer was kept. */
  readonly again: Received
}

/** A careless origin behind a cache, for all tests of a file. To be called outside of any test. */
export function stageAttacks(): {
  readonly stage: () => Promise<Shared>
  /** What a victim gets who asks in good faith after an attack. */
  readonly after: (attack: Asking, victim: Asking) => Promise<Outcome>
} {
  const share = shareRouters()
  const stage = async () => {
    const shared = await share((origin) => perHost([origin], ROUTES))
    shared.origin.answer(answerCarelessly)
    return shared
  }
  return {
    stage,
    async after(attack, victim) {
      const { router } = await stage()
      const attacked = await router.send(...attack)
      const got = await router.send(...victim)
      return { attacked, got, again: await router.send(...victim) }
    },
  }
}

let last = 0

/** A URL where nobody has been before, of the route of this name. */
export function freshUrl(route: string, beginning = '/page'): string {
  return `http://${route}.test${beginning}-${(last += 1)}`
}

/** Whether an answer says that it comes from the cache. */
export function isHit(got: Received): boolean {
  return / hit\b/.test(header(got, 'cache-status') ?? '')
}

/** Why an answer was not kept, as it says itself. */
export function detailOf(got: Received): string | undefined {
  return /detail=([\w-]+)/.exec(header(got, 'cache-status') ?? '')?.[1]
}

/** A request with these headers. */
export function withHeaders(...lines: HeaderLines): Sent {
  return { headers: lines }
}
