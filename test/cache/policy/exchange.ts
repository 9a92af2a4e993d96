import { RouteCache } from '../../../src/schema/cache.ts'
import type { Exchange, JudgedHead } from '../../../src/cache/policy/judged.ts'
import type { CacheRequest, Fields } from '../../../src/cache/policy/message.ts'
import { judgeStorage } from '../../../src/cache/policy/storage.ts'
import type { Stored } from '../../../src/cache/policy/stored.ts'

/** Sun, 15 Nov 2026 12:00:00 GMT: when the answers of these tests come. */
export const NOON = 1_794_744_000_000
export const NOON_DATE = 'Sun, 15 Nov 2026 12:00:00 GMT'

export type Headers = Readonly<Record<string, string | readonly string[]>>

export interface Told {
  readonly method?: string
  readonly path?: string
  readonly asked?: Readonly<Record<string, string>>
  readonly status?: number
  readonly headers?: Headers
  readonly requestedAtMs?: number
  readonly receivedAtMs?: number
}

/** A request with these headers. */
export function toRequest(
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): CacheRequest {
  return { method, header: (name) => headers[name] }
}

/** Fields in the order of a record; several lines where a value is a list. */
export function toFields(headers: Headers): Fields {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((line) => [name, line] as const),
  )
}

/** GET / at noon, answered at once with 200 and a `Date` of then. */
export function exchangeOf(told: Told = {}): Exchange {
  const { method = 'GET', path = '/', asked = {}, status = 200, headers = {} } = told
  return {
    path,
    request: toRequest(asked, method),
    response: { status, fields: toFields({ date: NOON_DATE, ...headers }) },
    timing: { requestedAtMs: told.requestedAtMs ?? NOON, receivedAtMs: told.receivedAtMs ?? NOON },
  }
}

/** The settings of a route as an operator writes them. */
export function rulesOf(settings: unknown = {}): RouteCache {
  return RouteCache.parse(settings)
}

/** What is stored of an exchange; throws where nothing is. */
export function storedOf(told: Told = {}, settings: unknown = {}): Stored {
  const verdict = judgeStorage(exchangeOf(told), rulesOf(settings))
  if (!verdict.store) throw new Error(`not stored: ${verdict.why}`)
  return toStored(verdict.head)
}

/** A judged head at its place, with a body of 1000 bytes. */
export function toStored(head: JudgedHead): Stored {
  const place = { key: 'k', route: 'r', host: 'h.test', path: '/', query: '' }
  return { format: 1, ...place, tags: [], asOf: 0, bodyBytes: 1000, ...head }
}

/** Why an exchange is not stored; `undefined` where it is. */
export function whyNot(told: Told, settings: unknown = {}): string | undefined {
  const verdict = judgeStorage(exchangeOf(told), rulesOf(settings))
  return verdict.store ? undefined : verdict.why
}
