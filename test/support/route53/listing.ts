import { element } from '../../../dns/route53/xml.ts'
import { some, toElement, toOrder, type ResourceRecordSet } from './record-set.ts'
import type { Reply } from './reply.ts'

interface Listing {
  readonly isEscapedInOrder?: boolean
  readonly pageSize?: number
}

/**
 * A page of the record sets of a zone: up to 300, by names with their labels reversed, then types, then identifiers.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
 */
export function listSets(
  sets: readonly ResourceRecordSet[],
  parameters: ReadonlyMap<string, string>,
  { isEscapedInOrder = true, pageSize = 300 }: Listing,
): Reply {
  const known = /^(name|type|identifier|maxitems)$/
  const unknown = [...parameters.keys()].find((name) => !known.test(name))
  const name = parameters.get('name')
  const type = parameters.get('type')
  const identifier = parameters.get('identifier')
  const items = Number(parameters.get('maxitems') ?? 300)
  if (unknown !== undefined || !(items >= 1)) return invalid(unknown ?? 'maxitems')
  if (type !== undefined && name === undefined) return invalid('type without name')
  if (identifier !== undefined && type === undefined) return invalid('identifier without type')
  const place = (set: Pick<ResourceRecordSet, 'name' | 'type' | 'identifier'>): string => {
    const order = toOrder(set.name)
    const shown = isEscapedInOrder ? order : order.replaceAll(String.raw`\052`, '*')
    return [shown, set.type, set.identifier ?? ''].join('\u0000')
  }
  const from =
    name === undefined
      ? ''
      : place({ name, type: type ?? '', ...(identifier !== undefined && { identifier }) })
  const sorted = sets
    .map((set) => ({ set, position: place(set) }))
    .filter(({ position }) => position >= from)
    .toSorted((one, other) => (one.position < other.position ? -1 : 1))
    .map(({ set }) => set)
  const most = Math.min(items, pageSize)
  const next = sorted[most]
  return {
    status: 200,
    element: element('ListResourceRecordSetsResponse', [
      element('ResourceRecordSets', sorted.slice(0, most).map(toElement)),
      element('IsTruncated', String(next !== undefined)),
      ...some('NextRecordName', next?.name),
      ...some('NextRecordType', next?.type),
      ...some('NextRecordIdentifier', next?.identifier),
      element('MaxItems', String(most)),
    ]),
  }
}

function invalid(what: string): Reply {
  return { status: 400, code: 'InvalidInput', message: `Invalid parameter: ${what}` }
}
