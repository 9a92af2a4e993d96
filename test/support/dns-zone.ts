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
  return {
    read: (argument) => callInWorker({ ...opening, method: 'read', argument }),
    apply: (argument) => callInWorker({ ...opening, method: 'apply', argument }),
  }
}

/** Calls dns/ in the Workers runtime. Rejects when it throws. */
export async function callInWorker<Value>(call: DnsCall): Promise<Value> {
  const { settings, zone, bindings, method, argument } = call
  const body = JSON.stringify({ settings, zone, bindings, method, argument })
  const response = await fetch(inject('dnsWorker'), { method: 'POST', body })
  if (!response.ok) throw new Error(`dns/ threw: ${await response.text()}`)
  return (await response.json()) as Value
}
