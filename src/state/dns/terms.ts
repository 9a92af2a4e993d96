import * as z from 'zod'
import type { Dns } from '../../schema/dns.ts'
import type { DnsProvider } from '../../schema/dns-provider.ts'
import type { ZoneName } from '../../schema/dns-zone.ts'

/** How long after the beginning of an apply a provider may begin a write. */
export const WRITING_MS = 30_000

/** The last write, and what is read after it to know what became of it. */
const LAST_REQUESTS = 5

/** What the guards of one record go by. */
export const RecordTerms = z.object({
  route: z.string(),
  minimumAnswers: z.int(),
  settleMs: z.number(),
  holdMs: z.number(),
  dryRun: z.boolean(),
})
export type RecordTerms = z.output<typeof RecordTerms>

/** What a zone goes by: the settings of a configuration, as far as runs are concerned. */
export const ZoneTerms = z.object({
  owner: z.string(),
  maximumChanges: z.int(),
  applyMs: z
    .number()
    .describe('By when an attempt to write has ended, or is given up: the lease of a run.'),
  checkMs: z.number().nullable().describe('How often answers are compared; null: nobody is asked.'),
  records: z.record(z.string(), RecordTerms).describe('The records of this zone, by id.'),
})
export type ZoneTerms = z.output<typeof ZoneTerms>

/** The terms of a zone that was never surveyed. */
export const initialTerms: ZoneTerms = {
  owner: '',
  maximumChanges: 0,
  applyMs: WRITING_MS,
  checkMs: null,
  records: {},
}

/** What the configuration says of one zone at one provider. */
export function toZoneTerms(dns: Dns, { provider, zone }: ZoneName): ZoneTerms {
  const mine = Object.entries(dns.records).filter(
    ([, record]) => record.provider === provider && record.zone === zone,
  )
  const records: Record<string, RecordTerms> = {}
  for (const [id, { route, minimumAnswers, settle, holdTime, dryRun }] of mine) {
    records[id] = { route, minimumAnswers, settleMs: settle, holdMs: holdTime, dryRun }
  }
  const { check, maximumChanges, owner } = dns
  const isChecked = check.nameServers || check.resolvers.length > 0
  return {
    owner,
    maximumChanges,
    applyMs: applyMsOf(dns.providers[provider]),
    checkMs: isChecked ? check.interval : null,
    records,
  }
}

function applyMsOf(settings: DnsProvider | undefined): number {
  if (settings === undefined) return WRITING_MS
  const inSyncMs = settings.type === 'route53' ? settings.inSync : 0
  return WRITING_MS + LAST_REQUESTS * settings.timeout + inSyncMs
}
