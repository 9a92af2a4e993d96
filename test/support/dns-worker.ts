import { openZone } from '../../dns/registry.ts'
import type { DnsProvider } from '../../src/schema/dns-provider.ts'
import type { DnsChange, RecordKey } from '../../src/schema/dns-record-set.ts'

/** A call to a zone at a provider, as a test sends it to this Worker. */
export type DnsCall = {
  /** Parsed, so that a test may set what an operator may not, such as a timeout of 300 ms. */
  readonly settings: DnsProvider
  readonly zone: string
  /** The secrets, as the Worker's own bindings hold them. */
  readonly bindings: Readonly<Record<string, string>>
} & (
  | { readonly method: 'read'; readonly argument: readonly RecordKey[] }
  | { readonly method: 'apply'; readonly argument: readonly DnsChange[] }
)

/** Lets tests call dns/ in the runtime that it is for: sockets by `connect()` exist nowhere else. */
export default {
  async fetch(request) {
    const call: DnsCall = await request.json()
    const zone = openZone(call.settings, call.zone, call.bindings)
    const isRead = call.method === 'read'
    return Response.json(await (isRead ? zone.read(call.argument) : zone.apply(call.argument)))
  },
} satisfies ExportedHandler
