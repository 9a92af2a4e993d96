import { checkDnsAnswers } from './check-dns-answers.ts'
import { checkDnsPace } from './check-dns-pace.ts'
import { checkDnsStrategy } from './check-dns-strategy.ts'
import type { Config } from './config.ts'
import { type KeptRecord, keptRecords, oddIn, wrongIn } from './dns-kept.ts'
import { companionName, isCompanion, toMarkText } from './dns-mark.ts'
import type { Problem } from './problem.ts'

/** Everything about DNS failover that cannot work, or that hardly anybody means. */
export function checkDns(config: Config): Problem[] {
  const kept = keptRecords(config)
  const { owner = '', maximumChanges = Infinity } = config.dns ?? {}
  return [
    ...kept.flatMap((one) => [
      ...checkName(one),
      ...checkMark(one, owner),
      ...checkTtl(one),
      ...checkProxied(one),
      ...checkDnsStrategy(one),
      ...checkDnsAnswers(config, one),
    ]),
    ...checkNeighbours(kept),
    ...checkDnsPace(kept, maximumChanges),
  ]
}

function checkName(kept: KeptRecord): Problem[] {
  const { name, zone, type } = kept.record
  if (name !== zone && !name.endsWith(`.${zone}`)) {
    const message = `"${name}" is not in the zone "${zone}"`
    const cure = `write the whole name, as in "www.${zone}", or correct the zone`
    return [wrongIn(kept, 'name', { message, cure })]
  }
  if (isCompanion(name)) {
    const message = 'names that begin with "_portolan-" are of the records that mark others'
    return [wrongIn(kept, 'name', { message, cure: 'take another name' })]
  }
  if (name === zone && type === 'CNAME' && !kept.abilities.flattensApex) {
    const message = `the top of a zone cannot be a CNAME at a provider of type "${kept.type}" (RFC 1034 §3.6.2)`
    const cure = 'use types A and AAAA with the addresses of the pools under "answers"'
    return [wrongIn(kept, 'type', { message, cure })]
  }
  return []
}

/** The longest name (RFC 1035 §2.3.4), as text. */
const LONGEST_NAME = 253

/** Where a mark has no room, nothing could ever be written. */
function checkMark(kept: KeptRecord, owner: string): Problem[] {
  const { record, abilities, id } = kept
  const { mark } = abilities
  if (mark === 'companion') {
    const companion = companionName(record)
    if (companion.length <= LONGEST_NAME) return []
    const message = `beside it stands a TXT that marks it, and the name of that has ${companion.length} characters of at most ${LONGEST_NAME}`
    return [wrongIn(kept, 'name', { message, cure: 'take a shorter name' })]
  }
  const { length } = toMarkText({ owner, record: id })
  if (length <= mark.comment) return []
  const message = `the mark of this record has ${length} characters, and a comment in a zone of the least plan ${mark.comment}`
  const cure = 'take a shorter id or a shorter "dns.owner", unless the plan has longer ones'
  return [oddIn(kept, 'name', { message, cure })]
}

function checkTtl(kept: KeptRecord): Problem[] {
  const { record, abilities, type } = kept
  const { leastTtl } = abilities
  const problems: Problem[] = []
  for (const setting of ['ttl', 'degradedTtl'] as const) {
    const ttl = record[setting]
    if (ttl === undefined || ttl >= leastTtl || record.proxied === true) continue
    const message = `a provider of type "${type}" takes no TTL below ${leastTtl} s`
    problems.push(wrongIn(kept, setting, { message, cure: `use at least ${leastTtl}` }))
  }
  const { degradedTtl, ttl, proxied } = record
  if (degradedTtl !== undefined && proxied === true && abilities.proxies) {
    const message = 'a proxied record has no TTL of its own'
    problems.push(oddIn(kept, 'degradedTtl', { message, cure: 'remove "degradedTtl"' }))
  } else if (degradedTtl !== undefined && degradedTtl > ttl) {
    const message = '"degradedTtl" is longer than "ttl": resolvers would learn later, not sooner'
    problems.push(oddIn(kept, 'degradedTtl', { message, cure: 'make it shorter, or remove it' }))
  }
  return problems
}

/** What Cloudflare can stand in front of. */
const PROXYABLE: readonly string[] = ['A', 'AAAA', 'CNAME']

function checkProxied(kept: KeptRecord): Problem[] {
  const { record, abilities, type } = kept
  if (record.proxied !== true) return []
  if (!abilities.proxies) {
    const message = `"proxied" has no effect at a provider of type "${type}"`
    return [oddIn(kept, 'proxied', { message, cure: 'remove it' })]
  }
  if (PROXYABLE.includes(record.type)) return []
  const message = `a record of type ${record.type} cannot be proxied`
  return [wrongIn(kept, 'proxied', { message, cure: 'remove it' })]
}

/** Records of one name in one zone: each type once, and a CNAME alone (RFC 1034 §3.6.2). */
function checkNeighbours(kept: readonly KeptRecord[]): Problem[] {
  const problems: Problem[] = []
  const byName = new Map<string, KeptRecord[]>()
  for (const one of kept) {
    const { provider, zone, name, type } = one.record
    const key = JSON.stringify([provider, zone, name])
    const others = byName.get(key) ?? []
    byName.set(key, [...others, one])
    const same = others.find(({ record }) => record.type === type)
    if (same) {
      const message = `record "${same.id}" is ${type} of "${name}" already: they would write it in turns`
      problems.push(wrongIn(one, 'name', { message, cure: 'remove one of the two' }))
      continue
    }
    const cname = [...others, one].find(({ record }) => record.type === 'CNAME')
    if (cname === undefined || others.length === 0) continue
    const other = cname === one ? others[0] : cname
    const message = `record "${other?.id}" has this name, too, and a CNAME stands alone (RFC 1034 §3.6.2)`
    problems.push(wrongIn(one, 'name', { message, cure: 'take another name, or another type' }))
  }
  return problems
}
