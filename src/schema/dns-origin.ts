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
 * Tells the canonical values that a record answers with for an origin: its own answer, else that of its pool, else the
 * host of its URL where the type fits. Empty when there is none.
 */
export type ReadAnswers = (
  record: Pick<DnsRecord, 'type' | 'answers'>,
  origin: NamedOrigin,
) => readonly string[]

/** Makes a reader that parses each text once, however many records and origins have it. */
export function createAnswerReader(): ReadAnswers {
  const hosts = new Map<string, Host | undefined>()
  const parsed = new Map<RecordType, Map<string, readonly string[]>>()
  const read = (type: RecordType, text: string): readonly string[] => {
    const known = parsed.get(type) ?? new Map<string, readonly string[]>()
    const values = known.get(text) ?? parse(type, text)
    parsed.set(type, known.set(text, values))
    return values
  }
  return ({ type, answers }, { id, pool, url }) => {
    const said = answers[id] ?? answers[pool]
    if (said)
      return said.length === 1
        ? read(type, said[0] ?? '')
        : said.flatMap((text) => read(type, text))
    if (!hosts.has(url)) hosts.set(url, hostOf(url))
    const host = hosts.get(url)
    return host?.type === type ? host.values : NONE
  }
}

const NONE: readonly string[] = []

interface Host {
  readonly type: RecordType
  readonly values: readonly string[]
}

function parse(type: RecordType, text: string): readonly string[] {
  const parsed = parseDnsValue(type, text)
  return parsed.ok ? [parsed.value] : NONE
}

function hostOf(url: string): Host | undefined {
  const host = /^https?:\/\/(?:\[(?<ipv6>[^\]]+)\]|(?<name>[^:]+))/.exec(url)?.groups
  const text = host?.['ipv6'] ?? host?.['name'] ?? ''
  const type = typeOfHost(text)
  return type && { type, values: parse(type, text) }
}
