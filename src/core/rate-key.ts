import type { RequestFacts } from '../schema/facts.ts'
import type { LimitKey } from '../schema/limit.ts'
import { parseAddress } from './kernel/address.ts'
import { hashTextWide, hashWordsWide, type WideHash } from './kernel/wide-hash.ts'

/** Sets the values of a key apart from the addresses of those who lack it. */
const VALUE_SALT = 0x56414c55

/** What a limit needs to know of a request that stands in no facts: a credential. */
export type ReadToken = () => string | undefined

/**
 * Whose request it is to a limit, hashed: nothing can be read back from it that was not guessed before. A request
 * that lacks its key is counted by its address, and those of whom not even that is known are counted together.
 */
export function rateKeyOf(
  key: LimitKey,
  salt: number,
  request: { readonly facts: RequestFacts; readonly readToken: ReadToken },
): WideHash {
  if (key === 'route') return hashWordsWide(0, 0, salt)
  if (key !== 'address') {
    const value = valueOf(key, request.facts, request.readToken)
    if (value !== undefined) return hashTextWide(value, salt ^ VALUE_SALT)
  }
  return addressKeyOf(request.facts.client.ip, salt)
}

/** The address of a client as a key: IPv6 by its /64, the smallest net a site gets (RFC 6177). */
export function addressKeyOf(ip: string | undefined, salt: number): WideHash {
  const address = ip === undefined ? undefined : parseAddress(ip)
  if (address === undefined) return hashTextWide(ip ?? '', salt)
  const [first = 0, second = 0] = address.words
  return hashWordsWide(first, address.family === 4 ? 0 : second, salt)
}

function valueOf(
  key: Exclude<LimitKey, 'address' | 'route'>,
  { headers, cookies, client }: RequestFacts,
  readToken: ReadToken,
): string | undefined {
  if (key === 'country') return client.country
  if (key === 'token') return readToken()
  const value = 'header' in key ? own(headers, key.header) : own(cookies, key.cookie)
  // An empty value is none: it would count everyone without a value together.
  return value || undefined
}

function own(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}
