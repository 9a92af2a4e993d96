import { forwardStatus } from '../../cache/policy/cache-status.ts'
import type { CacheRequest } from '../../cache/policy/message.ts'
import { toAcceptEncoding } from '../../cache/policy/selection.ts'
import { tellAsKeyed } from '../../cache/policy/told.ts'
import { toConditional } from '../../cache/policy/validation.ts'
import type { Result } from '../pass.ts'
import type { Caching } from './caching.ts'
import { landLed, type Lead } from './leading.ts'
import { markPassed } from './mark-passed.ts'
import { settle } from './settle.ts'

/** Sends a request on for its key: what comes back is kept where it may be, and given out. */
export async function lead(
  leading: Omit<Lead, 'isKeeping' | 'isAsAsked'> & Partial<Pick<Lead, 'isAsAsked'>>,
): Promise<Result> {
  const led: Lead = { isAsAsked: false, ...leading, isKeeping: false }
  const { passage, facts, found, asked, onward } = led.visit
  // The whole is fetched, whatever is asked of it: HEAD is answered from it as well.
  const isGet = facts.method === 'GET' || led.isAsAsked
  const asGet = isGet ? facts : { ...facts, method: 'GET' }
  try {
    return await onward({ ...passage, url: asked.url, caching: toCaching(led) }, asGet, found)
  } finally {
    if (!led.isKeeping) landLed(led, 'unkept')
  }
}

function toCaching(led: Lead): Caching {
  const { cached, arrived } = led.visit
  return {
    isKept: true,
    toOrigin: (headers) => {
      tellAsKeyed(headers, cached.keying, arrived)
      headers.set('accept-encoding', toAcceptEncoding(arrived.header('accept-encoding')))
      if (led.isAsAsked) askAs(headers, arrived)
      const conditions = led.known ? toConditional(led.known.head) : []
      for (const [name, value] of conditions) headers.set(name, value)
    },
    mark: (headers, status) => {
      const forwarded = { ...led.forwarded, status: led.forwarded.status ?? status }
      markPassed(headers, forwardStatus(cached.name, forwarded))
    },
    carryOut: (passage, facts, decision) => settle(led, { passage, facts, decision }),
  }
}

const ASKED = ['range', 'if-range', 'if-none-match', 'if-modified-since'] as const

function askAs(headers: Headers, arrived: CacheRequest): void {
  for (const name of ASKED) {
    const value = arrived.header(name)
    if (value !== undefined) headers.set(name, value)
  }
}
