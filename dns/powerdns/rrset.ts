import * as z from 'zod'
import { parseIpv6 } from '../../src/schema/dns-address.ts'
import { parseMarkText, toMarkText } from '../../src/schema/dns-mark.ts'
import type { RecordKey, RecordSet, RecordType } from '../../src/schema/dns-record-set.ts'
import { toCanonicalValues } from '../../src/schema/dns-value.ts'

/** Who wrote a comment, as the API has it. */
const ACCOUNT = 'portolan'

const Comment = z.object({
  content: z.string(),
  account: z.string().default(''),
  modified_at: z.number().optional(),
})

/** All records of one name and type, as the API has them. Names end with a dot. */
const Rrset = z.object({
  name: z.string(),
  type: z.string(),
  ttl: z.number().default(0),
  records: z.array(z.object({ content: z.string(), disabled: z.boolean().default(false) })),
  comments: z.array(Comment).default([]),
})
export type Rrset = z.output<typeof Rrset>

/** A zone, as the API has it: with all of its record sets, or with those that were asked for. */
export const PowerdnsZone = z.object({
  kind: z.string(),
  soa_edit_api: z.string().default(''),
  rrsets: z.array(Rrset),
})
export type PowerdnsZone = z.output<typeof PowerdnsZone>

/** The record set of a name and type among those of a zone. One without records, of comments alone, is none. */
export function findRecordSet(
  zone: PowerdnsZone,
  { name, type }: RecordKey,
): RecordSet | undefined {
  const rrset = findRrset(zone, { name, type })
  if (!rrset || rrset.records.length === 0) return undefined
  const mark = rrset.comments.map(({ content }) => parseMarkText(content)).find((each) => each)
  // A disabled record stands, but is not answered with.
  const served = rrset.records.filter(({ disabled }) => !disabled)
  const contents = served.map(({ content }) => content)
  const values = toCanonicalValues(type, contents)
  return { name, type, ttl: rrset.ttl, values, ...(mark && { mark }) }
}

/** What makes a record set stand. The comments of others on it are kept. */
export function toReplacement(set: RecordSet, zone: PowerdnsZone): object {
  const others = findRrset(zone, set)?.comments.filter(
    ({ content }) => parseMarkText(content) === undefined,
  )
  const own = set.mark ? [{ content: toMarkText(set.mark), account: ACCOUNT }] : []
  return {
    name: `${set.name}.`,
    type: set.type,
    changetype: 'REPLACE',
    ttl: set.ttl,
    records: set.values.map((value) => ({ content: CONTENT[set.type](value), disabled: false })),
    comments: [...(others ?? []), ...own],
  }
}

/** What removes a record set, with its comments. */
export function toRemoval({ name, type }: RecordKey): object {
  return { name: `${name}.`, type, changetype: 'DELETE' }
}

function findRrset(zone: PowerdnsZone, { name, type }: RecordKey): Rrset | undefined {
  return zone.rrsets.find((each) => each.type === type && each.name.toLowerCase() === `${name}.`)
}

/**
 * A canonical value as the API takes it: every name ends with a dot, and what it would write otherwise itself is
 * written so, since it declines the rest ("not in expected format").
 */
const CONTENT: Readonly<Record<RecordType, (value: string) => string>> = {
  A: (value) => value,
  // It reads no dotted tail, as in ::ffff:192.0.2.1.
  AAAA: (value) => (value.includes('.') ? (parseIpv6(value) ?? []).map(toHex).join(':') : value),
  CNAME: absolute,
  SRV: (value) => value.replace(/\S+$/, absolute),
  TXT: (value) => value,
  HTTPS: (value) => value.replace(/(?<=^\S+ )\S+/, absolute).replaceAll(PARAMETER, toParameter),
}

function absolute(name: string): string {
  return name === '.' ? name : `${name}.`
}

function toHex(group: number): string {
  return group.toString(16)
}

/** Parameters whose value it writes in quotes; one without a value has an empty one. */
const PARAMETER = / (?<key>ech|dohpath|ohttp|key\d+)(?:=(?<value>"(?:[^"\\]|\\.)*"|\S*))?(?= |$)/g

/** It knows the parameters of RFC 9460 by their names, and others by their numbers. */
const NUMBERED: Readonly<Record<string, string>> = { dohpath: 'key7', ohttp: 'key8' }

function toParameter(_: string, key: string, value = ''): string {
  return ` ${NUMBERED[key] ?? key}=${value.startsWith('"') ? value : `"${value}"`}`
}
