import * as z from 'zod'
import type { RecordKey } from '../../src/schema/dns-record-set.ts'
import { askCloudflare, type CloudflareSession, type OpenedZone } from './api.ts'
import { CloudflareRecord, toKeyText } from './record.ts'
import type { Asked } from '../provider.ts'

/** Records of one page: about 600 kB. The API would take up to 5,000,000, and warns of timeouts. */
const PER_PAGE = 1000

/** The most pages of one list, whatever the API says that there are. */
const MOST_PAGES = 100

/** So many names are asked for one by one before a write: at some 100 ms each that takes a few seconds. */
const MOST_SINGLE_READS = 50

/** What a list is for. */
export type Purpose = 'look' | 'write'

/** What every record has, of whatever type. */
const Heading = z.object({ name: z.string().toLowerCase(), type: z.string() })

type Records = readonly CloudflareRecord[]

/** What is read of lists, and with which session. */
interface Listing {
  readonly session: CloudflareSession
  readonly zoneId: string
  /** The records that matter, by `toKeyText`. */
  readonly wanted: ReadonlySet<string>
}

interface Page {
  readonly records: Records
  readonly pages: number
}

/**
 * The records of these names and types. A user has 1,200 requests in five minutes, so whatever costs fewer is done:
 * the whole zone, a thousand records a page, or one list for each name. Up to 1,000 records in a zone are always one
 * request, however many of them are ours. A record that moves from one page to another meanwhile is missed: that may
 * be when it is looked at, and not when something is written in its place.
 */
export async function listRecords(
  { session, zoneId }: OpenedZone,
  keys: readonly RecordKey[],
  purpose: Purpose,
): Promise<Asked<Records>> {
  const listing = { session, zoneId, wanted: new Set(keys.map(toKeyText)) }
  const names = [...new Set(keys.map(({ name }) => name))]
  if (names.length > 1) {
    const query = 'order=name'
    const first = await readPage(listing, query, 1)
    if (!first.ok) return first
    const { pages } = first.value
    const isByName = purpose === 'write' && names.length <= MOST_SINGLE_READS
    const mostPages = isByName ? 1 : Math.min(MOST_PAGES, names.length + 1)
    if (pages <= mostPages) return readRest(listing, query, first.value)
  }
  const records: CloudflareRecord[] = []
  for (const name of names) {
    const query = `name.exact=${encodeURIComponent(name)}`
    const first = await readPage(listing, query, 1)
    const all = first.ok ? await readRest(listing, query, first.value) : first
    if (!all.ok) return all
    records.push(...all.value)
  }
  return { ok: true, value: records }
}

async function readRest(listing: Listing, query: string, first: Page): Promise<Asked<Records>> {
  const records = [...first.records]
  let { pages } = first
  for (let page = 2; page <= pages; page += 1) {
    if (page > MOST_PAGES) return garbled(`a list of more than ${MOST_PAGES} pages`)
    const next = await readPage(listing, query, page)
    if (!next.ok) return next
    records.push(...next.value.records)
    pages = next.value.pages
  }
  return { ok: true, value: records }
}

async function readPage(listing: Listing, query: string, page: number): Promise<Asked<Page>> {
  const { session, zoneId, wanted } = listing
  const path = `/zones/${zoneId}/dns_records?${query}&per_page=${PER_PAGE}&page=${page}`
  const answer = await askCloudflare(session, { aim: 'list the records', method: 'GET', path })
  if (!answer.ok) return { ok: false, failure: answer.failure }
  const { result, result_info: info } = answer.envelope
  const headings = z.array(z.unknown()).safeParse(result)
  if (!headings.success) return garbled('no list of records')
  // Only what was asked for is read in full: a zone holds types that this project does not know.
  const ours = headings.data.filter((record) => {
    const heading = Heading.safeParse(record)
    return heading.success && wanted.has(toKeyText(heading.data))
  })
  const records = z.array(CloudflareRecord).safeParse(ours)
  if (!records.success) return garbled('a record of another form than its reference says')
  const total = info?.total_count ?? headings.data.length
  const pages = Math.ceil(total / (info?.per_page || PER_PAGE))
  return { ok: true, value: { records: records.data, pages } }
}

function garbled(what: string): Asked<never> {
  const detail = `asked to list the records, Cloudflare answered with ${what}`
  return { ok: false, failure: { kind: 'garbled', detail } }
}
