import * as z from 'zod'
import { parseMarkText, toMarkText } from '../../src/schema/dns-mark.ts'
import { type RecordKey, type RecordSet, RecordType } from '../../src/schema/dns-record-set.ts'
import { parseDnsValue, toCanonicalValues } from '../../src/schema/dns-value.ts'

/**
 * One record as the API tells of it, which is one value of a set. Unknown keys are theirs: the API may add some
 * (developers.cloudflare.com/api/resources/dns/subresources/records/methods/list).
 */
export const CloudflareRecord = z.object({
  id: z.string().min(1),
  name: z.string().transform((name) => name.toLowerCase()),
  type: RecordType,
  ttl: z.int().min(0),
  content: z.string().default(''),
  proxied: z.boolean().default(false),
  comment: z.string().nullish(),
  priority: z.int().nullish(),
  data: z
    .object({
      priority: z.int(),
      weight: z.int(),
      port: z.int(),
      target: z.string(),
      value: z.string(),
    })
    .partial()
    .nullish(),
})
export type CloudflareRecord = z.output<typeof CloudflareRecord>

/** A record set, and the records that it consists of. */
export interface StandingSet {
  readonly set: RecordSet
  readonly records: readonly CloudflareRecord[]
}

/** "www.example.com/A", of any type. */
export function toKeyText({ name, type }: Readonly<Record<keyof RecordKey, string>>): string {
  return `${name}/${type}`
}

/** Records as sets, by `toKeyText`. */
export function toStandingSets(
  records: readonly CloudflareRecord[],
): ReadonlyMap<string, StandingSet> {
  // A record that moved to another page while a list was read comes twice.
  const byId = new Map(records.map((record) => [record.id, record]))
  const groups = new Map<string, CloudflareRecord[]>()
  for (const record of byId.values()) {
    const key = toKeyText(record)
    groups.set(key, [...(groups.get(key) ?? []), record])
  }
  return new Map(
    [...groups].map(([key, members]) => [key, { set: toSet(members), records: members }]),
  )
}

function toSet(records: readonly CloudflareRecord[]): RecordSet {
  const [{ name, type }] = records as readonly [CloudflareRecord]
  const marks = new Set(records.map(({ comment }) => comment ?? ''))
  // A record among them that is somebody else's makes the set somebody else's.
  const mark = marks.size === 1 ? parseMarkText([...marks].join('')) : undefined
  // One proxied record makes all addresses of a name proxied: developers.cloudflare.com/dns/proxy-status
  const isProxied = records.some(({ proxied }) => proxied)
  return {
    name,
    type,
    // The API lets each record have its own: the longest is how long an old answer may live on.
    ttl: Math.max(...records.map(({ ttl }) => ttl)),
    values: toCanonicalValues(type, records.map(toText)),
    ...(isProxied && { proxied: true }),
    ...(mark && { mark }),
  }
}

/** The canonical value of a record. */
export function toValue(record: CloudflareRecord): string {
  const text = toText(record)
  const parsed = parseDnsValue(record.type, text)
  return parsed.ok ? parsed.value : text
}

/** As a zone file has it. `content` of an SRV was told without the priority for years: its parts stand in `data`. */
function toText({ type, content, data, priority }: CloudflareRecord): string {
  if (type === 'SRV' && data?.target !== undefined) {
    return [data.priority ?? priority, data.weight, data.port, data.target].join(' ')
  }
  if (type === 'HTTPS' && data?.target !== undefined) {
    return [data.priority, data.target, data.value ?? ''].join(' ').trim()
  }
  return content
}

/** What a record is written as: all that is ours to say. What else it has (settings, tags) a patch leaves as it is. */
export function toBody(set: RecordSet, value: string): object {
  const { name, type, proxied = false, mark } = set
  return {
    name,
    type,
    ttl: asItStands(set).ttl,
    ...toContent(type, value),
    ...(isProxiable(type) && { proxied }),
    ...(mark && { comment: toMarkText(mark) }),
  }
}

/** Whether a record stands as it would be written for this set, its value aside. */
export function isDressedFor(record: CloudflareRecord, set: RecordSet): boolean {
  const { ttl, proxied, comment } = record
  const wanted = set.mark && toMarkText(set.mark)
  return ttl === asItStands(set).ttl && proxied === (set.proxied ?? false) && comment === wanted
}

/** A proxied record is answered by the proxy: its TTL is "automatic", whatever is asked for. */
export function asItStands(set: RecordSet): RecordSet {
  return set.proxied === true ? { ...set, ttl: 1 } : set
}

function isProxiable(type: RecordType): boolean {
  return type === 'A' || type === 'AAAA' || type === 'CNAME'
}

/** Types of several parts are written by their parts: their `content` is for reading. */
function toContent(type: RecordType, value: string): object {
  const [first, second, third, fourth] = value.split(' ')
  if (type === 'SRV') {
    const [priority, weight, port] = [first, second, third].map(Number)
    return { data: { priority, weight, port, target: fourth } }
  }
  if (type === 'HTTPS') {
    const parameters = value.split(' ').slice(2).join(' ')
    return { data: { priority: Number(first), target: second, value: parameters } }
  }
  return { content: value }
}
