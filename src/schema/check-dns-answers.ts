import type { Config } from './config.ts'
import { answersOf, type KeptRecord, oddIn, wrongIn } from './dns-kept.ts'
import { parseDnsValue } from './dns-value.ts'
import type { Problem } from './problem.ts'

/** Whether a record has something to answer with whoever has to answer. */
export function checkDnsAnswers(config: Config, kept: KeptRecord): Problem[] {
  const wrong = checkValues(config, kept)
  // What cannot be read is no answer: it would be told twice.
  return wrong.some(({ severity }) => severity === 'error')
    ? wrong
    : [...wrong, ...checkPools(kept), ...checkNumbers(kept)]
}

function checkValues({ pools }: Config, kept: KeptRecord): Problem[] {
  const { record } = kept
  return Object.entries(record.answers).flatMap(([id, values]) => {
    const problems = values.flatMap((text) => {
      const parsed = parseDnsValue(record.type, text)
      const cure = `write it as a zone file would for type ${record.type}`
      const message = parsed.ok ? '' : `"${text}" ${parsed.error}`
      return parsed.ok ? [] : [wrongIn(kept, ['answers', id], { message, cure })]
    })
    if (record.type === 'CNAME' && values.length > 1) {
      const message = `a CNAME has one value, and this answer has ${values.length}`
      problems.push(wrongIn(kept, ['answers', id], { message, cure: 'leave one of them' }))
    }
    return [...problems, ...checkId(kept, id, pools)]
  })
}

function checkId(kept: KeptRecord, id: string, pools: Config['pools']): Problem[] {
  const isUsed = kept.pools.some(
    (pool) => pool.id === id || pool.origins.some((origin) => origin.id === id),
  )
  if (isUsed || kept.route.steer === undefined) return []
  const isKnown =
    Object.hasOwn(pools, id) ||
    Object.values(pools).some(({ origins }) => Object.hasOwn(origins, id))
  if (!isKnown) {
    const message = `there is no pool and no origin "${id}"`
    return [wrongIn(kept, ['answers', id], { message, cure: 'correct the name, or remove it' })]
  }
  const message = `route "${kept.record.route}" never goes to "${id}"`
  return [oddIn(kept, ['answers', id], { message, cure: 'remove it, or correct the name' })]
}

function checkPools(kept: KeptRecord): Problem[] {
  const { type } = kept.record
  return kept.pools.flatMap((pool) => {
    const without = pool.origins.filter(({ values }) => values.length === 0)
    const first = without[0]
    if (first === undefined) return []
    if (without.length === pool.origins.length) {
      const message = `pool "${pool.id}" has no answer of type ${type}, so it could never take over`
      const cure = `give "${pool.id}" or its origins one: the hosts of their URLs are of another type`
      return [wrongIn(kept, 'answers', { message, cure })]
    }
    const others = without.length > 1 ? ` and ${without.length - 1} more` : ''
    const message = `origin "${first.id}"${others} of pool "${pool.id}" has no answer of type ${type}: the record goes on without it`
    return [oddIn(kept, 'answers', { message, cure: `give "${first.id}" one, if it has any` })]
  })
}

/** How few answers may be left, and how many there can be. */
function checkNumbers(kept: KeptRecord): Problem[] {
  const { minimumAnswers, type, most: written, strategy } = kept.record
  const most = type === 'CNAME' ? 1 : written
  if (minimumAnswers > most) {
    const message = `"minimumAnswers" is ${minimumAnswers}, and the record has at most ${most}`
    const cure = `lower it to at most ${most}`
    return [wrongIn(kept, 'minimumAnswers', { message, cure })]
  }
  if (strategy === 'failover') {
    // A pool without any is told already.
    const small = kept.pools.find((pool) => {
      const { length } = answersOf(pool)
      return length > 0 && length < minimumAnswers
    })
    if (small === undefined) return []
    const has = answersOf(small).length
    const message = `"minimumAnswers" is ${minimumAnswers}, but pool "${small.id}" has ${has}: it could never take over`
    const cure = `lower it to at most ${has}, or give the pool more answers`
    return [wrongIn(kept, 'minimumAnswers', { message, cure })]
  }
  const all = new Set(kept.pools.flatMap(answersOf)).size
  if (strategy === 'geo' || all >= minimumAnswers || all === 0) return []
  const message = `"minimumAnswers" is ${minimumAnswers}, but all pools together have ${all}`
  const cure = `lower it to at most ${all}, or add answers`
  return [wrongIn(kept, 'minimumAnswers', { message, cure })]
}
