import type { Asked } from '../provider.ts'
import type { Ask } from './api.ts'
import type { HostedZone } from './listing.ts'
import { fromName, toName } from './record-set.ts'
import { childOf, listOf, textOf, type XmlElement } from './xml.ts'

/** The most pages of zones of one name that are turned: a name can have many private zones. */
const MOST_PAGES = 10

/**
 * Finds the public zone of a name. Private ones are passed over: nobody outside asks them, and they may have the
 * very same name. Two public ones of one name are possible; which one is meant can only be told by the settings.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html
 */
export async function findHostedZone(ask: Ask, name: string): Promise<Asked<HostedZone>> {
  const doing = `looking up the hosted zone "${name}"`
  const ids: string[] = []
  let start: Readonly<Record<string, string>> | undefined = { dnsname: toName(name) }
  for (let pages = 0; start !== undefined && pages < MOST_PAGES; pages += 1) {
    const answer = await ask({ doing, path: '/hostedzonesbyname', query: start })
    if (!answer.ok) return { ok: false, failure: withAdvice(answer) }
    const zones = listOf(answer.value, 'HostedZones').filter((zone) => isOfName(zone, name))
    ids.push(...zones.filter((zone) => !isPrivate(zone)).flatMap(toId))
    start = nextPage(answer.value, name)
  }
  const [id, ...others] = ids
  if (id !== undefined && others.length === 0) return { ok: true, value: { id, name } }
  const detail =
    id === undefined
      ? `${doing}: the account has no public one of that name`
      : `${doing}: there are ${ids.length} public ones (${ids.slice(0, 10).join(', ')}); name the right one under \`zones\` of the provider`
  return { ok: false, failure: { kind: 'no-zone', detail } }
}

function withAdvice({ failure, code }: Extract<Awaited<ReturnType<Ask>>, { ok: false }>) {
  if (code !== 'AccessDenied') return failure
  return {
    ...failure,
    detail: `${failure.detail}; with its id under \`zones\` it need not be asked`,
  }
}

function isOfName(zone: XmlElement, name: string): boolean {
  return fromName(textOf(zone, 'Name') ?? '') === name
}

function isPrivate(zone: XmlElement): boolean {
  return textOf(childOf(zone, 'Config'), 'PrivateZone') === 'true'
}

function toId(zone: XmlElement): readonly string[] {
  const id = (textOf(zone, 'Id') ?? '').replace(/^\/hostedzone\//, '')
  // It becomes a part of a path.
  return /^[A-Za-z0-9]{1,64}$/.test(id) ? [id] : []
}

/** Zones come in the order of their names: those of this one are over where the next page begins with another. */
function nextPage(root: XmlElement, name: string): Readonly<Record<string, string>> | undefined {
  const dnsname = textOf(root, 'NextDNSName')
  const hostedzoneid = textOf(root, 'NextHostedZoneId')
  if (dnsname === undefined || hostedzoneid === undefined) return undefined
  return fromName(dnsname) === name ? { dnsname, hostedzoneid } : undefined
}
