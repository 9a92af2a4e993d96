import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import * as z from 'zod'
import { CLOUDFLARE_ERRORS as ERRORS, CloudflareError } from './error.ts'

/** A record as the server holds it. */
export interface HeldRecord {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly content: string
  readonly ttl: number
  readonly proxied: boolean
  readonly comment: string | null
  readonly data?: object
  readonly priority?: number
  readonly settings: object
}

/** What a plan allows. */
export interface Plan {
  /** developers.cloudflare.com/dns/manage-dns-records/reference/record-attributes: 100 on Free, 500 on others. */
  readonly longestComment: number
  /** developers.cloudflare.com/dns/manage-dns-records/reference/ttl: 60, on Enterprise 30. */
  readonly leastTtl: number
  /** developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes: 200 on Free, 3,500 on others. */
  readonly largestBatch: number
  /** developers.cloudflare.com/dns/troubleshooting/faq: records of a zone, 200 on Free. */
  readonly mostRecords: number
}

const Port = z.int().min(0).max(65_535)
const Srv = z.strictObject({ priority: Port, weight: Port, port: Port, target: z.string().min(1) })
const Https = z.strictObject({ priority: Port, target: z.string().min(1), value: z.string() })

/** The fields of developers.cloudflare.com/api/resources/dns/subresources/records; one that it does not name is refused. */
const Written = z.strictObject({
  id: z.string().max(32).optional(),
  name: z.string().min(1),
  type: z.enum(['A', 'AAAA', 'CNAME', 'SRV', 'TXT', 'HTTPS', 'NS', 'MX']),
  ttl: z.number().default(1),
  content: z.string().optional(),
  data: z.unknown().optional(),
  priority: z.number().optional(),
  proxied: z.boolean().default(false),
  comment: z.string().nullable().default(null),
  settings: z.looseObject({}).default({}),
  tags: z.array(z.string()).default([]),
})
type Written = z.output<typeof Written>

/** Reads a whole record that is to stand in a zone, as the API would keep it; throws what it would answer. */
export function readRecord(raw: unknown, zone: string, plan: Plan): Omit<HeldRecord, 'id'> {
  const read = Written.safeParse(raw)
  if (!read.success) throw invalid(z.prettifyError(read.error))
  const { type, ttl, proxied, comment, settings, tags } = read.data
  const name = readName(read.data.name, zone)
  if (tags.length > 0) throw new CloudflareError(ERRORS.tags)
  // .../reference/record-attributes: "comments do not support newline or carriage return characters"
  if (comment !== null && /[\r\n]/.test(comment)) throw invalid('a comment is one line')
  if ((comment ?? '').length > plan.longestComment) throw new CloudflareError(ERRORS.longComment)
  // The reference, of `ttl`: "Setting to 1 means 'automatic'. Value must be between 60 and 86400".
  const isTtl = Number.isInteger(ttl) && (ttl === 1 || (ttl >= plan.leastTtl && ttl <= 86_400))
  if (!isTtl) throw new CloudflareError(ERRORS.wrongTtl)
  // .../reference/dns-record-types: A, AAAA and CNAME "are the only ones you can proxy".
  const isProxiable = ['A', 'AAAA', 'CNAME'].includes(type)
  if (proxied && !isProxiable) throw new CloudflareError(ERRORS.notProxiable)
  return {
    name,
    type,
    // .../reference/ttl: "all proxied records have a TTL of Auto".
    ttl: proxied ? 1 : ttl,
    proxied,
    comment,
    settings,
    ...readContent(read.data, name),
  }
}

/** The reference, of `name`: "Complete DNS record name, including the zone name, in Punycode." The guide also takes "@". */
function readName(text: string, zone: string): string {
  const name = text === '@' ? zone : text.toLowerCase()
  const isInside = name === zone || name.endsWith(`.${zone}`)
  const isName = /^(\*\.)?([a-z0-9_-]{1,63}\.)+[a-z0-9-]{1,63}$/.test(name) && name.length <= 253
  if (!isInside || !isName) throw new CloudflareError(ERRORS.wrongName)
  return name
}

function readContent(
  { type, content, data, priority }: Written,
  name: string,
): Pick<HeldRecord, 'content' | 'data' | 'priority'> {
  if (type === 'SRV') {
    const srv = readData(Srv, data, content)
    // .../reference/dns-record-types#srv: the priority stands beside the content, not in it.
    return {
      content: `${srv.weight} ${srv.port} ${srv.target}`,
      priority: srv.priority,
      data: srv,
    }
  }
  if (type === 'HTTPS') {
    const https = readData(Https, data, content)
    // The example of the reference quotes the values of parameters: `1 . alpn="h3,h2" ipv4hint="127.0.0.1"`.
    const value = https.value.replaceAll(/=([^"\s]+)/g, '="$1"')
    return {
      content: `${https.priority} ${https.target} ${value}`.trim(),
      data: { ...https, value },
    }
  }
  if (content === undefined || content === '') throw invalid('"content" is missing')
  if (data !== undefined) throw invalid(`a record of type ${type} has no "data"`)
  switch (type) {
    case 'A':
      if (!isIPv4(content)) throw new CloudflareError(ERRORS.notIpv4)
      return { content }
    case 'AAAA':
      if (!isIPv6(content)) throw new CloudflareError(ERRORS.notIpv6)
      // .../reference/dns-record-types: "uses the canonical notation to store DNS records".
      return { content: ipaddr.IPv6.parse(content).toRFC5952String() }
    case 'CNAME':
      if (!isHostName(content) || content === name) throw new CloudflareError(ERRORS.notName)
      return { content: content.replace(/\.$/, '') }
    case 'TXT':
      return { content: readText(content) }
    case 'NS':
    case 'MX':
      return { content, ...(priority !== undefined && { priority }) }
  }
}

/** The reference, of `content` of SRV and HTTPS: "See 'data' for setting the individual component values." */
function readData<Data>(schema: z.ZodType<Data>, data: unknown, content: unknown): Data {
  const read = schema.safeParse(data)
  if (!read.success) throw invalid(`"data": ${z.prettifyError(read.error)}`)
  if (content !== undefined) throw invalid('what is said by "data" is not said by "content"')
  return read.data
}

/**
 * .../reference/dns-record-types#txt: at most 2,048 characters; "if you save your TXT content without any quotes,
 * Cloudflare will automatically add double quotes"; inconsistent quotes are refused. The reference: "Strings
 * exceeding this allowed maximum length are automatically split."
 */
function readText(content: string): string {
  if (content.length > 2048) throw invalid('the content of a TXT record is too long')
  if (!content.includes('"')) {
    return (content.match(/.{1,255}/gs) ?? []).map((piece) => `"${piece}"`).join(' ')
  }
  if (/^"([^"\\]|\\.)*"(\s+"([^"\\]|\\.)*")*$/s.test(content)) return content
  throw invalid('the quotes of a TXT record do not match')
}

function isHostName(text: string): boolean {
  return /^([a-z0-9_]([a-z0-9_-]{0,62})\.)+[a-z][a-z0-9-]*\.?$/i.test(text) && text.length <= 254
}

function invalid(message: string): CloudflareError {
  return new CloudflareError(ERRORS.wrongRecord, { code: 9101, message })
}
