import type { Snapshot } from '../core/snapshot.ts'
import type { ClientFacts } from '../schema/facts.ts'
import type { Location } from '../schema/place.ts'

const PLACED_POLICIES: readonly string[] = ['geo', 'proximity']

/**
 * Whether any decision of a snapshot asks where a client is. `request.cf` is parsed when it is first
 * touched, which costs 2.5 % of a whole request: it is left alone where nothing hangs on it.
 */
export function needsPlace({ routes, pools }: Snapshot): boolean {
  return (
    pools.some(({ ordering }) => PLACED_POLICIES.includes(ordering.policy)) ||
    routes.some(
      ({ route, steer, limits }) =>
        limits.some(({ key }) => key === 'country') ||
        PLACED_POLICIES.includes(steer?.ordering.policy ?? '') ||
        route.cache?.key.country === true ||
        route.match.some(
          ({ continents, countries, regions, asns }) => continents ?? countries ?? regions ?? asns,
        ),
    )
  )
}

/** The address that the edge saw; the platform replaces whatever a client sends in this header. */
export function readAddress(headers: Headers): string | undefined {
  return headers.get('cf-connecting-ip') ?? undefined
}

/** A client of whom nothing but its address is asked. */
export function toAddressFacts(ip: string | undefined): ClientFacts {
  return ip === undefined ? {} : { ip }
}

/** What the edge knows of a client: its address, network and place. */
export function toClientFacts(request: Request, ip: string | undefined): ClientFacts {
  const cf = request.cf
  if (cf === undefined) return toAddressFacts(ip)
  const facts: { -readonly [Name in keyof ClientFacts]: ClientFacts[Name] } = toAddressFacts(ip)
  const country = text(cf.country)
  const regionCode = text(cf.regionCode)
  if (typeof cf.asn === 'number') facts.asn = cf.asn
  if (text(cf.continent) !== undefined) facts.continent = text(cf.continent)
  if (country !== undefined) facts.country = country
  if (country !== undefined && regionCode !== undefined) facts.region = `${country}-${regionCode}`
  if (text(cf.city) !== undefined) facts.city = text(cf.city)
  if (text(cf.colo) !== undefined) facts.colo = text(cf.colo)
  const location = toLocation(cf.latitude, cf.longitude)
  if (location) facts.location = location
  return facts
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The edge gives degrees as strings. */
function toLocation(latitude: unknown, longitude: unknown): Location | undefined {
  if (text(latitude) === undefined || text(longitude) === undefined) return undefined
  const location = { latitude: Number(latitude), longitude: Number(longitude) }
  const isOnGlobe = Math.abs(location.latitude) <= 90 && Math.abs(location.longitude) <= 180
  return isOnGlobe ? location : undefined
}
