import * as z from 'zod'
import { parseMarkText, toMarkText } from '../src/schema/dns-mark.ts'
import type { RecordKey, RecordSet, RecordType } from '../src/schema/dns-record-set.ts'
import { toCanonicalValues } from '../src/schema/dns-value.ts'

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
export function findRecordSet(zone: PowerdnsZone, key: RecordKey): RecordSet | undefined {
  const rrset = findRrset(zone, key)
  if (!rrset || rrset.records.length === 0) return undefined
  const mark = rrset.comments.map(({ content }) => parseMarkText(content)).find((each) => each)
  // A disabled record stands, but is not answered with.
  const served = rrset.records.filter(({ disabled }) => !disabled)
  const values = toCanonicalValues(
    key.type,
    served.map(({ content }) => content),
  )
  return { ...key, ttl: rrset.ttl, values, ...(mark && { mark }) }
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

/** A canonical value as the API takes it: every name ends with a dot. */
const CONTENT: Readonly<Record<RecordType, (value: string) => string>> = {
  A: (value) => value,
  AAAA: (value) => value,
  CNAME: absolute,
  SRV: (value) => value.replace(/\S+$/, absolute),
  TXT: (value) => value,
  HTTPS: (value) => value.replace(/(?<=^\S+ )\S+/, absolute),
}

function absolute(name: string): string {
  return name === '.' ? name : `${name}.`
}
