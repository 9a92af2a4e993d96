import type { Affinity } from './affinity.ts'
import { toCookieName } from './cookie-name.ts'
import type { Config } from './config.ts'
import { type Problem, toPointer } from './problem.ts'
import { poolSetsOf } from './references.ts'
import type { Route } from './route.ts'

type CookieAffinity = Extract<Affinity, { type: 'cookie' | 'ip-cookie' }>

/** A route with a cookie, and where its affinity stands. */
interface Setter {
  readonly id: string
  readonly affinity: CookieAffinity
  /** Undefined when one of its matches takes any. */
  readonly hosts: readonly string[] | undefined
  readonly pools: string
}

/** Everything about affinity that cannot work, or that hardly anybody means. */
export function checkAffinity({ routes }: Config): Problem[] {
  const setters = Object.entries(routes).flatMap(([id, route]) => toSetter(id, route))
  return [
    ...Object.entries(routes).flatMap(([id, { affinity }]) => checkMemory(id, affinity)),
    ...setters.flatMap((setter) => [...checkCookie(setter), ...checkDomain(setter)]),
    ...checkNames(setters),
  ]
}

function toSetter(id: string, route: Route): readonly Setter[] {
  const { affinity } = route
  const isOne = affinity?.type === 'cookie' || affinity?.type === 'ip-cookie'
  return isOne ? [{ id, affinity, hosts: hostsOf(route), pools: poolsOf(route) }] : []
}

/** Who remembers where a client belongs, for how long, and what else. */
function checkMemory(id: string, affinity: Affinity | undefined): Problem[] {
  if (affinity === undefined) return []
  const problems: Problem[] = []
  const { data } = affinity
  const isKey =
    affinity.type === 'header' &&
    affinity.names.some((name) => 'header' in name && name.header === data?.header)
  if (isKey) {
    const message = `"${data?.header}" names the session and is the header of the data too, which no client may send`
    problems.push(at([id, 'data'], { message, cure: 'take another header' }))
  }
  if (affinity.data && affinity.store !== 'durable') {
    const message = '"data" is kept by the session objects, and this route does not use them'
    problems.push(at([id, 'data'], { message, cure: 'set "store" to "durable", or remove "data"' }))
  }
  if (affinity.store === 'none' && affinity.failover === 'none') {
    const message =
      'nobody remembers where a client was, so one whose origin is out goes to another'
    const cure = 'set "store" to "durable", or "failover" to "temporary"'
    problems.push(at([id, 'failover'], { message, cure }, 'warning'))
  }
  if (affinity.idle !== undefined && affinity.idle > affinity.ttl) {
    const message = '"idle" is longer than "ttl", which ends the session before'
    problems.push(at([id, 'idle'], { message, cure: 'shorten it, or remove it' }, 'warning'))
  }
  return problems
}

/** What browsers refuse (RFC 6265bis §5.7), and would not tell anybody. */
function checkCookie({ id, affinity }: Setter): Problem[] {
  const { name = '', secure, sameSite, domain, path } = affinity
  const problems: Problem[] = []
  if (sameSite === 'none' && secure === 'never') {
    const message = 'browsers drop a cookie that says "SameSite=None" without "Secure"'
    problems.push(at([id, 'secure'], { message, cure: 'use "auto" or "always"' }))
  }
  const prefix = /^__(?:host|secure)-/i.exec(name)?.[0]
  if (prefix !== undefined && secure === 'never') {
    const message = `browsers drop a cookie by a name with "${prefix}" that is not secure`
    problems.push(at([id, 'secure'], { message, cure: 'use "auto" or "always", or another name' }))
  }
  if (prefix?.toLowerCase() === '__host-' && (domain !== undefined || path !== '/')) {
    const message = 'browsers drop a cookie by a name with "__Host-" that has a domain or a path'
    const cure = 'remove "domain" and "path", or take another name'
    problems.push(at([id, 'name'], { message, cure }))
  }
  if (affinity.import === toCookieName(id, affinity.name)) {
    const message = '"import" names the cookie of this route itself'
    problems.push(at([id, 'import'], { message, cure: 'give the two different names' }))
  }
  return problems
}

/** A browser takes a domain only from a host within it. */
function checkDomain({ id, hosts, affinity: { domain } }: Setter): Problem[] {
  if (domain === undefined) return []
  const outside = hosts?.find((host) => host !== domain && !host.endsWith(`.${domain}`))
  if (outside === undefined) return []
  const message = `a browser at "${outside}" drops a cookie for the domain "${domain}"`
  const cure = 'name a domain that all hosts of the route are in, or leave it out'
  return [at([id, 'domain'], { message, cure }, 'warning')]
}

function hostsOf({ match }: Route): readonly string[] | undefined {
  const hosts = match.map((each) => each.hosts ?? [])
  return hosts.some((each) => each.length === 0) ? undefined : hosts.flat()
}

/** A warning need not find every pair: of each set of pools one route is compared, and of so many sets. */
const MOST_COMPARED = 8

/** One cookie for routes to different pools: each would take the client away from where the other bound it. */
function checkNames(setters: readonly Setter[]): Problem[] {
  const problems: Problem[] = []
  const byName = new Map<string, Setter[]>()
  for (const setter of setters) {
    const name = toCookieName(setter.id, setter.affinity.name)
    const others = byName.get(name) ?? []
    const other = others.find((each) => isShared(each, setter))
    const isNew = others.length < MOST_COMPARED && others.every((each) => isElsewhere(each, setter))
    if (other) {
      const message = `route "${other.id}" has a cookie by this name too, and other pools`
      const cure = 'give each its own name: in turn, they would bind the same client anew'
      problems.push(at([setter.id, 'name'], { message, cure }, 'warning'))
    }
    if (isNew) byName.set(name, [...others, setter])
  }
  return problems
}

function isShared(one: Setter, other: Setter): boolean {
  return isElsewhere(one, other) && meet(one.hosts, other.hosts)
}

function isElsewhere(one: Setter, other: Setter): boolean {
  return one.pools !== other.pools
}

/** Whether a client may be at both: any host, the same one, or a pattern that is not looked into. */
function meet(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (one === undefined || other === undefined) return true
  return one.some((host) => host.includes('*') || other.includes(host))
}

function poolsOf({ steer }: Route): string {
  if (steer === undefined) return ''
  const pools = poolSetsOf(steer).flatMap(({ set }) => set.members.map(({ pool }) => pool))
  return [...new Set(pools)].toSorted().join(' ')
}

function at(
  [route, setting]: readonly [string, keyof CookieAffinity],
  words: Pick<Problem, 'message' | 'cure'>,
  severity: Problem['severity'] = 'error',
): Problem {
  return { severity, path: toPointer(['routes', route, 'affinity', setting]), ...words }
}
