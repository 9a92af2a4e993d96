import type { RouteCache } from '../../schema/cache.ts'
import { toCookiePairs } from './cookie-pairs.ts'
import { DEVICE_HEADER, toDevice } from './device.ts'
import type { Arrived, Keying } from './key.ts'
import { CONDITIONS, isMisleading, isOfCountry, isOrdinary, isPlace } from './unkeyed.ts'

/** What is asked of `Headers` here. */
interface HeaderList {
  set(name: string, value: string): void
  delete(name: string): void
  keys(): Iterable<string>
}

/** What tells the origin the country of a key with `country`. No client says it itself. */
const COUNTRY_HEADER = 'portolan-country'

/**
 * Makes the headers for an origin say what the key says and nothing that misleads it. To be called when this router has
 * said its own (`setForwarding`, `Via`), and before the route's own changes and conditions, which stand above it.
 */
export function tellAsKeyed(headers: HeaderList, keying: Keying, arrived: Arrived): void {
  const { key } = keying
  for (const name of Array.from(headers.keys())) if (!isTold(name, keying)) headers.delete(name)
  if (keying.mode === 'override') {
    setOrDelete(headers, 'cookie', toKeyedCookies(key.cookies, arrived))
  }
  tellPlaceAndDevice(headers, keying, arrived)
}

function isTold(name: string, { key, mode }: Pick<RouteCache, 'key' | 'mode'>): boolean {
  if (key.headers.includes(name)) return true
  if (CONDITIONS.has(name)) return false
  if (isPlace(name)) return key.country && isOfCountry(name)
  return mode === 'override' ? isOrdinary(name) : !isMisleading(name)
}

/**
 * Of the request headers that an answer says it varies by, those that its origin was told and that are not in the key
 * already. Under "override" that leaves out `Cookie`, which would otherwise keep a copy for each client.
 */
export function withoutUntold(
  names: readonly string[],
  rules: Pick<RouteCache, 'key' | 'mode'>,
): readonly string[] {
  return names.filter((name) => !rules.key.headers.includes(name) && isTold(name, rules))
}

/** What a request that goes past the cache is told all the same: an origin that asks for it must not miss it there. */
export function tellPlaceAndDevice(
  headers: Pick<HeaderList, 'set' | 'delete'>,
  { key }: Keying,
  arrived: Arrived,
): void {
  const device = key.device ? toDevice(arrived.header('user-agent')) : undefined
  setOrDelete(headers, DEVICE_HEADER, device)
  setOrDelete(headers, COUNTRY_HEADER, key.country ? arrived.country : undefined)
}

function toKeyedCookies(names: readonly string[], arrived: Arrived): string | undefined {
  if (names.length === 0) return undefined
  const kept = toCookiePairs(arrived.header('cookie')).filter(({ name }) => names.includes(name))
  return kept.length === 0 ? undefined : kept.map(({ text }) => text).join('; ')
}

function setOrDelete(
  headers: Pick<HeaderList, 'set' | 'delete'>,
  name: string,
  value: string | undefined,
): void {
  if (value === undefined) headers.delete(name)
  else headers.set(name, value)
}
