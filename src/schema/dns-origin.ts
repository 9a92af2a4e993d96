import type { DnsRecord } from './dns.ts'
import type { RecordType } from './dns-record-set.ts'
import { parseDnsValue, typeOfHost } from './dns-value.ts'

/** As much of an origin as tells what it is in DNS. */
export interface NamedOrigin {
  readonly id: string
  readonly pool: string
  readonly url: string
}

/**
 * The canonical values that a record answers with for an origin: its own answer, else that of its pool, else the host
 * of its URL where the type fits. Empty when there is none.
 */
export function valuesOf(
  { type, answers }: Pick<DnsRecord, 'type' | 'answers'>,
  { id, pool, url }: NamedOrigin,
): string[] {
  const said = answers[id] ?? answers[pool] ?? hostOf(url, type)
  return said.flatMap((text) => {
    const parsed = parseDnsValue(type, text)
    return parsed.ok ? [parsed.value] : []
  })
}

function hostOf(url: string, type: RecordType): readonly string[] {
  const host = /^https?:\/\/(?:\[(?<ipv6>[^\]]+)\]|(?<name>[^:]+))/.exec(url)?.groups
  const text = host?.['ipv6'] ?? host?.['name'] ?? ''
  return typeOfHost(text) === type ? [text] : []
}
