import * as z from 'zod'
import type { Dns } from './dns.ts'
import { HostName } from './http.ts'
import { Id } from './id.ts'

/** One zone at one provider: what DNS failover has one object for. */
export const ZoneName = z.object({ provider: Id, zone: HostName })
export type ZoneName = z.output<typeof ZoneName>

/** A zone in one word. The id of a provider holds no "/". */
export function toZoneId({ provider, zone }: ZoneName): string {
  return `${provider}/${zone}`
}

/** Every zone in which a configuration has records, each once. A record without a provider is kept by nobody. */
export function zonesIn(dns: Pick<Dns, 'providers' | 'records'> | undefined): readonly ZoneName[] {
  const zones = new Map<string, ZoneName>()
  for (const { provider, zone } of Object.values(dns?.records ?? {})) {
    if (!Object.hasOwn(dns?.providers ?? {}, provider)) continue
    zones.set(toZoneId({ provider, zone }), { provider, zone })
  }
  return [...zones.values()]
}
