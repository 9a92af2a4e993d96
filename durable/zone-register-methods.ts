import * as z from 'zod'
import { DnsNews, MOST_DNS_NEWS } from '../src/schema/dns-news.ts'
import type { ZoneName } from '../src/schema/dns-zone.ts'
import type { Nothing } from './wire.ts'

// What the methods take. No strict objects: an object of one release may meet another of the next.

/** News of one zone, oldest first. */
export const ZoneNewsInput = z.object({
  zone: z.string().max(400).describe('As `toZoneId` writes it.'),
  items: z.array(DnsNews).max(MOST_DNS_NEWS),
})

/** The methods of the control object that concern the zones of DNS failover. */
export interface ZoneRegisterMethods {
  /** Every zone in which the configuration in force has records. */
  zones(input: z.input<typeof Nothing>): { readonly items: readonly ZoneName[] }
  /** From the object of a zone, until it is heard: what was heard before is passed over. */
  zoneNews(input: z.input<typeof ZoneNewsInput>): { readonly upTo: number }
}
