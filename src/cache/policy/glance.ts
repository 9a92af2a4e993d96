import type { RouteCache } from '../../schema/cache.ts'
import { parseDirectives, toResponseDirectives } from './cache-control.ts'
import { ttlOf } from './freshness.ts'
import type { NotStored } from './judged.ts'
import { isStorable } from './statuses.ts'
import { TARGETED_FIELDS } from './targeted.ts'

/** An answer of which only some headers are looked at. Several lines of a field are joined by ", ". */
export interface Glimpsed {
  readonly status: number
  header(this: void, name: string): string | undefined
}

/**
 * Why an answer is surely not stored, by four headers at most; `undefined` where `judgeStorage` has to say. It says the
 * same, at a tenth of the cost: on most routes most of what is not kept says `no-store` or `private`, or nothing at all.
 */
export function whyNotAtGlance(
  { status, header }: Glimpsed,
  rules: RouteCache,
): NotStored | undefined {
  // An error may lie in one request: that is another reason, and is not remembered.
  if (status >= 400 || !isStorable(status)) return undefined
  if (TARGETED_FIELDS.some((name) => header(name) !== undefined)) return undefined
  const control = header('cache-control')
  if (control !== undefined) return /no-store|private/i.test(control) ? whySaid(control) : undefined
  const { mode, ttl } = rules
  const mayBeGuessed = mode !== 'override' && ttl.heuristic !== undefined
  if (mayBeGuessed || ttlOf(ttl, status) !== undefined) return undefined
  return mode === 'override' || header('expires') === undefined ? 'no-lifetime' : undefined
}

function whySaid(control: string): NotStored | undefined {
  const said = toResponseDirectives(parseDirectives([control]))
  if (said.mustUnderstand) return undefined
  if (said.noStore) return 'no-store'
  return said.isPrivate ? 'private' : undefined
}
