import { element } from '../../../dns/route53/xml.ts'
import { normalize, some, toOrder, type ResourceRecordSet } from './record-set.ts'
import type { Reply } from './reply.ts'

/** What names of resources begin with. */
export const NAMED = 'arn:aws:route53:::'

/** A hosted zone. Its sets are replaced as a whole, as a batch is. */
export interface HostedZone {
  readonly id: string
  /** `example.com.` */
  readonly name: string
  readonly isPrivate: boolean
  sets: readonly ResourceRecordSet[]
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html */
export function listZones(
  zones: readonly HostedZone[],
  parameters: ReadonlyMap<string, string>,
): Reply {
  const unknown = [...parameters.keys()].find(
    (name) => !/^(dnsname|hostedzoneid|maxitems)$/.test(name),
  )
  const items = Number(parameters.get('maxitems') ?? 100)
  const name = parameters.get('dnsname')
  const id = parameters.get('hostedzoneid')
  if (unknown !== undefined || !(items >= 1) || (id !== undefined && name === undefined)) {
    return {
      status: 400,
      code: 'InvalidInput',
      message: `Invalid parameter: ${unknown ?? 'maxitems'}`,
    }
  }
  const from = name === undefined ? '' : `${toOrder(name)}\u0000${id ?? ''}`
  const sorted = zones
    .map((zone) => ({ zone, position: `${toOrder(zone.name)}\u0000${zone.id}` }))
    .filter(({ position }) => position >= from)
    .toSorted((one, other) => (one.position < other.position ? -1 : 1))
    .map(({ zone }) => zone)
  const most = Math.min(items, 100)
  const next = sorted[most]
  return {
    status: 200,
    element: element('ListHostedZonesByNameResponse', [
      element('HostedZones', sorted.slice(0, most).map(toElement)),
      ...(name === undefined ? [] : [element('DNSName', normalize(name))]),
      ...some('HostedZoneId', id),
      element('IsTruncated', String(next !== undefined)),
      ...some('NextDNSName', next?.name),
      ...some('NextHostedZoneId', next?.id),
      element('MaxItems', String(most)),
    ]),
  }
}

function toElement({ id, name, isPrivate, sets }: HostedZone) {
  return element('HostedZone', [
    element('Id', `/hostedzone/${id}`),
    element('Name', name),
    element('CallerReference', id),
    element('Config', [element('PrivateZone', String(isPrivate))]),
    element('ResourceRecordSetCount', String(sets.length)),
  ])
}
