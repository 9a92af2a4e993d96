import type { QuotaStanding } from '../../schema/reason.ts'

/**
 * Says in the fields `RateLimit-Policy` and `RateLimit` what limits there are and how they stand
 * (draft-ietf-httpapi-ratelimit-headers-10): lists of strings with parameters (RFC 9651 §3.1). A name has nothing but
 * an id and a time in it, so that nothing needs an escape. What an origin says of limits of its own stays.
 */
export function addRateFields(headers: Headers, standings: readonly QuotaStanding[]): void {
  const policies = standings.map(
    ({ policy, requests, perMs }) => `"${policy}";q=${requests};w=${perMs / 1000}`,
  )
  headers.append('ratelimit-policy', policies.join(', '))
  const limits = standings.flatMap(({ policy, left, moreInMs }) => {
    if (left === undefined) return []
    const more = moreInMs === undefined ? '' : `;t=${Math.ceil(moreInMs / 1000)}`
    return `"${policy}";r=${left}${more}`
  })
  if (limits.length > 0) headers.append('ratelimit', limits.join(', '))
}
