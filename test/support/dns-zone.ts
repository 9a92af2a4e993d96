import { inject } from 'vitest'
import type { DnsZone } from '../../dns/provider.ts'
import type { DnsProvider } from '../../src/schema/dns-provider.ts'
import type { DnsCall } from './dns-worker.ts'

/** What a provider is opened with: parsed settings, and the secrets that they name. */
export interface DnsOpening {
  readonly settings: DnsProvider
  readonly zone: string
  readonly bindings: Readonly<Record<string, string>>
}

/** A zone at a provider whose code runs in the Workers runtime. */
export function openZoneInWorker(opening: DnsOpening): DnsZone {
  const url = inject('dnsWorker')
  const call = async <Value>(rest: Pick<DnsCall, 'method' | 'argument'>): Promise<Value> => {
    const body = JSON.stringify({ ...opening, ...rest })
    const response = await fetch(url, { method: 'POST', body })
    if (!response.ok) throw new Error(`the zone threw: ${await response.text()}`)
    return (await response.json()) as Value
  }
  return {
    read: (argument) => call({ method: 'read', argument }),
    apply: (argument) => call({ method: 'apply', argument }),
  }
}
