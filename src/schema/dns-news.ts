import * as z from 'zod'
import { Deed } from './deed.ts'
import { Notice } from './notice.ts'

/** The most news that are told in one call. */
export const MOST_DNS_NEWS = 50

/** What happened in a zone: for the audit log, for operators, or for both. */
export const DnsNews = z.object({
  sequence: z
    .int()
    .min(1)
    .describe('Rises within its zone; the same news keeps its number however often it is told.'),
  atMs: z.number(),
  deed: Deed.optional(),
  notice: Notice.optional(),
})
export type DnsNews = z.output<typeof DnsNews>
