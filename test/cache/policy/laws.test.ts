import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CACHE_LIMITS } from '../../../src/schema/cache-limits.ts'
import type { Exchange, JudgedHead } from '../../../src/cache/policy/judged.ts'
import { judgeReuse, type Moment, type Reuse } from '../../../src/cache/policy/reuse.ts'
import { toShape } from '../../../src/cache/policy/shape.ts'
import { judgeStorage } from '../../../src/cache/policy/storage.ts'
import { refresh, toConditional } from '../../../src/cache/policy/validation.ts'
import { exchanges, moments, requests, settings } from './anything.ts'
import { toRequest, toStored } from './exchange.ts'

// What holds whatever an origin, a client and an operator say.

const RUNS = { numRuns: 200 }

/** What is stored under any settings; `undefined` where nothing is. */
const verdicts = fc.tuple(exchanges, settings).map(([exchange, rules]) => {
  const verdict = judgeStorage(exchange, rules)
  return { exchange, rules, verdict, head: verdict.store ? verdict.head : undefined }
})
const stored = verdicts.filter(({ head }) => head !== undefined)

describe('whatever anybody says', () => {
  it('what is private, not to be stored, a part or news of something is never stored', () => {
    const law = fc.property(
      verdicts,
      ({ exchange, head }) => !isKept(exchange) || head === undefined,
    )
    expect(() => fc.assert(law, RUNS)).not.toThrow()
  })

  it('what is stored has no cookie, no age and no connection, and is kept for at most 30 days', () => {
    const law = fc.property(stored, ({ verdict }) => {
      if (!verdict.store) return false
      const { head, keepMs } = verdict
      const names = head.fields.map(([name]) => name)
      const times = [head.initialAgeMs, head.freshMs, head.staleIfErrorMs, head.staleWhileOutMs]
      return (
        !names.some((name) => ['set-cookie', 'age', 'connection'].includes(name)) &&
        names.includes('date') &&
        keepMs > 0 &&
        keepMs <= CACHE_LIMITS.lifeMs &&
        times.every((ms) => ms >= 0 && Number.isFinite(ms))
      )
    })
    expect(() => fc.assert(law, RUNS)).not.toThrow()
  })

  it('what was answered to somebody known is stored only where it says that it is for all', () => {
    const law = fc.property(stored, ({ exchange, rules }) => {
      const isKnown = exchange.request.header('authorization') !== undefined
      return rules.mode === 'override' || !isKnown || isForAll(exchange)
    })
    expect(() => fc.assert(law, RUNS)).not.toThrow()
  })

  it('nothing is given out fresh that is not, or stale without a window, a client or a purge that says so', () => {
    const law = fc.property(stored, requests, moments, ({ head }, asked, moment) => {
      if (head === undefined) return false
      const reuse = judgeReuse(toStored(head), toRequest(asked), moment)
      return isRight(reuse, head, { moment, control: asked['cache-control'] ?? '' })
    })
    expect(() => fc.assert(law, RUNS)).not.toThrow()
  })

  it('a client gets a part only of what is there, and 304 only where it named a condition', () => {
    const law = fc.property(stored, requests, ({ head }, asked) => {
      if (head === undefined) return false
      const shape = toShape(toStored(head), toRequest(asked))
      const hasCondition = (asked['if-none-match'] ?? asked['if-modified-since']) !== undefined
      if (shape.type === 'not-modified') return hasCondition
      if (shape.type === 'whole') return true
      if (shape.type === 'unsatisfiable') return asked.range !== undefined
      const { start, end } = shape
      return asked.range !== undefined && start >= 0 && start <= end && end < 1000
    })
    expect(() => fc.assert(law, RUNS)).not.toThrow()
  })

  it('a 304 never makes an answer fit more requests, or longer lived than 30 days', () => {
    const law = fc.property(stored, exchanges, ({ head, rules }, news) => {
      if (head === undefined) return false
      if (toConditional(head).length > 0 && head.status !== 200) return false
      const renewed = refresh(toStored(head), news, rules)
      if (renewed.type !== 'refreshed') return true
      const { vary, status } = renewed.head
      const isAsNarrow = head.vary.every((name) => vary.includes(name))
      return isAsNarrow && status === head.status && renewed.keepMs <= CACHE_LIMITS.lifeMs
    })
    expect(() => fc.assert(law, RUNS)).not.toThrow()
  })
})

/** What must be kept from others whatever the settings are. */
function isKept(exchange: Exchange): boolean {
  const { request, response } = exchange
  return (
    isSaid(exchange, 'private') ||
    (isSaid(exchange, 'no-store') && !isSaid(exchange, 'must-understand')) ||
    [206, 304].includes(response.status) ||
    request.method !== 'GET' ||
    request.header('cache-control')?.split(', ').includes('no-store') === true
  )
}

function isForAll({ response }: Exchange): boolean {
  const controls = response.fields.filter(([name]) => name.endsWith('cache-control'))
  return controls.some(([, value]) => /public|must-revalidate|s-maxage/.test(value))
}

/** Whether an answer that no targeted field speaks for has this directive, read as plainly as can be. */
function isSaid({ response }: Exchange, directive: string): boolean {
  const valuesOf = (name: string) =>
    response.fields.filter(([each]) => each === name).map(([, value]) => value)
  const parts = valuesOf('cache-control').flatMap((line) => line.split(','))
  return (
    valuesOf('cdn-cache-control').length === 0 && parts.some((part) => part.trim() === directive)
  )
}

interface Seen {
  readonly moment: Moment
  readonly control: string
}

function isRight(reuse: Reuse, head: JudgedHead, { moment, control }: Seen): boolean {
  if (moment.purge === 'hard') return reuse.type === 'unusable'
  const ageMs = head.initialAgeMs + Math.max(0, moment.nowMs - head.receivedAtMs)
  const staleMs = ageMs - head.freshMs
  if (reuse.type === 'fresh') {
    return staleMs < 0 && moment.purge === 'none' && !head.isValidatedAlways
  }
  if (reuse.type !== 'stale') return reuse.type !== 'unusable'
  const mostMs = Math.max(
    head.staleWhileRevalidateMs,
    head.staleIfErrorMs,
    head.staleWhileOutMs + head.staleWhileRecoveringMs,
  )
  const isTaken = /max-stale|stale-if-error/.test(control) && !head.isNeverStale
  const isLost = moment.situation === 'out' || moment.situation === 'failed'
  const isOfLoss = reuse.by === 'if-error' || reuse.by === 'while-out'
  return (
    !head.isValidatedAlways &&
    (staleMs < mostMs || isTaken) &&
    (staleMs >= 0 || moment.purge === 'soft') &&
    (isLost || !isOfLoss)
  )
}
