import type { DnsFailure } from '../../src/schema/dns-record-set.ts'

/** One entry of `errors` in an envelope. */
export interface Complaint {
  readonly code: number
  readonly message: string
  readonly error_chain?: readonly Complaint[] | null | undefined
}

/** An answer that is no success. Without `errors` it was no envelope of the API at all. */
export interface Refusal {
  readonly aim: string
  readonly status: number
  readonly errors: readonly Complaint[] | undefined
}

/** What no longer stands as it was read: a record that is gone, and one that is there already. */
export const CONFLICTS: readonly number[] = [81044, 81057, 81058]

const TOKEN_CODES = [6003, 6111, 9103, 9106, 9109, 10000]
const ZONE_CODES = [1001, 7000, 7003]
const PACE_CODES = [971, 10100, 10429]

const ONE_TYPE =
  'a CNAME stands alone at its name, and an NS, too: remove what stands there, or take another name'

/** What somebody can do about it, by the code of the API. */
const CURES: Readonly<Record<number, string>> = {
  1001: 'look at the id of the zone in "zones" of the provider',
  6111: 'the secret is to be an API token alone: no "Bearer" before it, and no Global API Key',
  7003: 'look at the id of the zone in "zones" of the provider',
  9021: 'a TTL is 60 to 86400 seconds, on Enterprise plans from 30, or 1 for automatic',
  9109:
    'the token is unknown, has ended, is not for requests from here (client IP filter), or may not list zones ' +
    '(Zone / Zone / Read; not needed with the id of the zone in "zones" of the provider)',
  9313: 'the comment is the mark of the record set: shorten the id of the record, or "dns.owner"',
  10000: 'the token needs the permission Zone / DNS / Edit, and this zone among its resources',
  81045: 'the plan allows no more records in this zone',
  81053: ONE_TYPE,
  81054: ONE_TYPE,
  81056: ONE_TYPE,
}

/** What a refusal means, in words: what was asked, what the API said with its codes, and the cure where one is known. */
export function toFailure({ aim, status, errors }: Refusal): DnsFailure {
  if (errors === undefined) {
    const detail = `asked to ${aim}, Cloudflare answered ${status} with something that is no answer of its API`
    return { kind: toKind(status, new Set()), detail }
  }
  const all = errors.flatMap((error) => [error, ...(error.error_chain ?? [])])
  const said = all.map(({ code, message }) => `${message.replace(/\.$/, '')} (${code})`)
  const cures = new Set(all.flatMap(({ code }) => CURES[code] ?? []))
  const parts = [said.join('; ') || 'no reason given', ...cures]
  const detail = `asked to ${aim}, Cloudflare answered ${status}: ${parts.join(': ')}`
  return { kind: toKind(status, new Set(all.map(({ code }) => code))), detail }
}

function toKind(status: number, codes: ReadonlySet<number>): DnsFailure['kind'] {
  const isOneOf = (some: readonly number[]): boolean => some.some((code) => codes.has(code))
  if (status === 429 || isOneOf(PACE_CODES)) return 'rate-limited'
  if (status >= 500) return 'unavailable'
  if (status === 401 || status === 403 || isOneOf(TOKEN_CODES)) return 'unauthorized'
  if (isOneOf(ZONE_CODES)) return 'no-zone'
  // Neither a success nor a refusal.
  return status < 300 && codes.size === 0 ? 'garbled' : 'refused'
}
