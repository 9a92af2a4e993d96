import { checkRecord, type Inquiry } from '../../dns/check.ts'
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
  | {
      readonly method: 'check'
      readonly argument: Pick<Inquiry, 'check' | 'key' | 'expected'>
    }
)

/** Lets tests call dns/ in the runtime that it is for: sockets by `connect()` exist nowhere else. */
export default {
  async fetch(request) {
    const call: DnsCall = await request.json()
    return Response.json(await answer(call))
  },
} satisfies ExportedHandler

async function answer(call: DnsCall): Promise<unknown> {
  const { settings, zone, bindings } = call
  switch (call.method) {
    case 'read':
      return openZone(settings, zone, bindings).read(call.argument)
    case 'apply':
      return openZone(settings, zone, bindings).apply(call.argument)
    case 'check':
      return checkRecord({ settings, zone, ...call.argument })
  }
}
