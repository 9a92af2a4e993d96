import * as z from 'zod'
import type { ProviderSettings } from '../src/schema/dns-provider.ts'
import type { DnsFailure, RecordKey } from '../src/schema/dns-record-set.ts'
import { WRITING_MS } from '../src/state/dns/terms.ts'
import { askCloudflare, type CloudflareSession, type OpenedZone } from './cloudflare/api.ts'
import { applyChanges, toFailed } from './cloudflare/apply.ts'
import { listRecords, type Purpose } from './cloudflare/list.ts'
import { type StandingSet, toStandingSets } from './cloudflare/record.ts'
import { readHeaderSecret } from './http.ts'
import type { Asked, DnsZone } from './provider.ts'

/**
 * A zone at Cloudflare (developers.cloudflare.com/api/resources/dns/subresources/records). A set is one API record
 * for each value, and its mark is their comment, since tags are for paid plans; a set in which one record has
 * another comment is not ours.
 */
export function openCloudflareZone(
  settings: ProviderSettings<'cloudflare'>,
  zone: string,
  bindings: object,
): DnsZone {
  let knownId = settings.zones[zone]
  const open = async (): Promise<Asked<OpenedZone>> => {
    const session = startSession(settings, bindings)
    if (!session.ok) return session
    const zoneId = knownId === undefined ? await findZone(session.value, zone) : toValue(knownId)
    if (!zoneId.ok) return zoneId
    knownId = zoneId.value
    return toValue({ session: session.value, zoneId: zoneId.value })
  }
  const forget = (failure: DnsFailure): void => {
    // A zone that was removed and added again has another id.
    if (failure.kind === 'no-zone') knownId = settings.zones[zone]
  }
  return {
    async read(keys) {
      const opened = await open()
      if (!opened.ok) return opened
      const standing = await readSets(opened.value, keys, 'look')
      if (standing.ok) return toValue([...standing.value.values()].map(({ set }) => set))
      forget(standing.failure)
      return standing
    },
    async apply(changes) {
      const opened = await open()
      if (!opened.ok) return changes.map(() => toFailed(opened.failure))
      const keys = changes.flatMap(({ before, after }) => after ?? before ?? [])
      const standing = await readSets(opened.value, keys, 'write')
      if (standing.ok) return applyChanges(opened.value, changes, standing.value)
      forget(standing.failure)
      return changes.map(() => toFailed(standing.failure))
    },
  }
}

function startSession(
  { token, url, timeout }: ProviderSettings<'cloudflare'>,
  bindings: object,
): Asked<CloudflareSession> {
  const secret = readHeaderSecret(bindings, token.secret)
  if (!secret.ok) return secret
  const writesUntilMs = Date.now() + WRITING_MS
  return toValue({ url, token: secret.value, timeoutMs: timeout, writesUntilMs })
}

const Zones = z.array(z.object({ id: z.string(), name: z.string(), status: z.string().nullish() }))

/** Asks for the id of a zone, which needs the right to list it (developers.cloudflare.com/api/resources/zones/methods/list). */
async function findZone(session: CloudflareSession, zone: string): Promise<Asked<string>> {
  const path = `/zones?name=${encodeURIComponent(zone)}&per_page=50`
  const answer = await askCloudflare(session, { aim: 'find the zone', method: 'GET', path })
  if (!answer.ok) return { ok: false, failure: answer.failure }
  const named = Zones.safeParse(answer.envelope.result).data?.filter(({ name }) => name === zone)
  if (named === undefined) {
    const detail = 'asked to find the zone, Cloudflare answered with no list of zones'
    return { ok: false, failure: { kind: 'garbled', detail } }
  }
  // Another account may have added the same name without having proved that it is theirs.
  const active = named.filter(({ status }) => status === 'active')
  const [one, another] = active.length > 0 ? active : named
  if (one !== undefined && another === undefined) return toValue(one.id)
  const found = one === undefined ? 'has no zone' : 'has several zones'
  const detail =
    `Cloudflare ${found} "${zone}" for this token: write its id (dashboard, overview of the zone) into "zones" ` +
    'of the provider, or give the token Zone / Zone / Read on it'
  return { ok: false, failure: { kind: 'no-zone', detail } }
}

async function readSets(
  zone: OpenedZone,
  keys: readonly RecordKey[],
  purpose: Purpose,
): Promise<Asked<ReadonlyMap<string, StandingSet>>> {
  const records = await listRecords(zone, keys, purpose)
  return records.ok ? toValue(toStandingSets(records.value)) : records
}

function toValue<Value>(value: Value): Asked<Value> {
  return { ok: true, value }
}
