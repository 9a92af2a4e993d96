import {
  Place,
  RecordType,
  type RecordKey,
  type RecordSet,
  type Variant,
} from '../../src/schema/dns-record-set.ts'
import { toCanonicalValues } from '../../src/schema/dns-value.ts'
import { childOf, element, listOf, textOf, type XmlElement } from './xml.ts'

/** A record set as it stands: what we understand of it, without its mark, and the very XML that takes it away again. */
export interface Standing {
  readonly set: RecordSet
  readonly xml: XmlElement
  /** Whether there is more to it than a record set of ours can have: an alias, say. Such a one is never ours. */
  readonly isForeign: boolean
}

/** What only others use: it would be lost if we wrote the set anew. */
const FOREIGN = [
  'AliasTarget',
  'MultiValueAnswer',
  'TrafficPolicyInstanceId',
  'CidrRoutingConfig',
  'GeoProximityLocation',
]

/** A `ResourceRecordSet` as it is listed; undefined when it is of a type that we do not keep. */
export function fromXml(xml: XmlElement): Standing | undefined {
  const type = RecordType.safeParse(textOf(xml, 'Type'))
  if (!type.success) return undefined
  const variant = toVariant(xml)
  const texts = listOf(xml, 'ResourceRecords').map((record) => textOf(record, 'Value') ?? '')
  const alias = textOf(childOf(xml, 'AliasTarget'), 'DNSName')
  return {
    set: {
      name: fromName(textOf(xml, 'Name') ?? ''),
      type: type.data,
      ttl: Number(textOf(xml, 'TTL') ?? 0),
      values:
        alias === undefined
          ? toCanonicalValues(type.data, texts.map(type.data === 'TXT' ? fromOctal : asIs))
          : [`ALIAS ${alias}`],
      ...(variant && { variant }),
    },
    xml,
    isForeign:
      FOREIGN.some((name) => childOf(xml, name) !== undefined) ||
      (variant === undefined && childOf(xml, 'SetIdentifier') !== undefined),
  }
}

/**
 * The element of a record set, its parts in the order that the API takes them in.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
export function toXml({ name, type, ttl, values, variant }: RecordSet): XmlElement {
  const toText = type === 'TXT' ? toOctal : asIs
  const records = values.map((value) =>
    element('ResourceRecord', [element('Value', toText(value))]),
  )
  const healthCheck = variant?.by === 'failover' ? variant.healthCheck : undefined
  return element('ResourceRecordSet', [
    element('Name', toName(name)),
    element('Type', type),
    ...(variant ? toVariantXml(variant) : []),
    element('TTL', String(ttl)),
    element('ResourceRecords', records),
    ...(healthCheck === undefined ? [] : [element('HealthCheckId', healthCheck)]),
  ])
}

/** A name without its escapes and last dot, in lower case: `\052.example.com.` is `*.example.com`. */
export function fromName(name: string): string {
  const plain = name.replaceAll(/\\([0-3][0-7]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  )
  return plain.toLowerCase().replace(/\.$/, '')
}

/**
 * A name as Route 53 keeps it: with its last dot, and all but a-z, 0-9, "-" and "_" as octal escapes.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
 */
export function toName(name: string): string {
  return `${name.replace(/^\*(?=\.)/, String.raw`\052`)}.`
}

/** Whether two record sets are of the same name and type. */
export function isOfKey(set: RecordKey, key: RecordKey): boolean {
  return set.name === key.name && set.type === key.type
}

function asIs(text: string): string {
  return text
}

/**
 * Text has octal escapes at Route 53 and decimal ones in a zone file (RFC 1035 §5.1).
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#TXTFormat
 */
function fromOctal(text: string): string {
  return text.replaceAll(/\\([0-3][0-7]{2}|.)/gs, (escape, body: string) =>
    body.length === 3 ? `\\${String(Number.parseInt(body, 8)).padStart(3, '0')}` : escape,
  )
}

function toOctal(text: string): string {
  return text.replaceAll(/\\(\d{3}|.)/gs, (escape, body: string) => {
    if (body === '"') return escape
    const code = body.length === 3 ? Number(body) : body.charCodeAt(0)
    return `\\${code.toString(8).padStart(3, '0')}`
  })
}

function toVariant(xml: XmlElement): Variant | undefined {
  const id = textOf(xml, 'SetIdentifier')
  if (id === undefined) return undefined
  const weight = textOf(xml, 'Weight')
  if (weight !== undefined) return { by: 'weight', id, weight: Number(weight) }
  const region = textOf(xml, 'Region')
  if (region !== undefined) return { by: 'latency', id, region }
  const place = toPlace(childOf(xml, 'GeoLocation'))
  if (place !== undefined) return { by: 'place', id, place }
  const role = textOf(xml, 'Failover')?.toLowerCase()
  if (role !== 'primary' && role !== 'secondary') return undefined
  const healthCheck = textOf(xml, 'HealthCheckId')
  return { by: 'failover', id, role, ...(healthCheck !== undefined && { healthCheck }) }
}

function toPlace(xml: XmlElement | undefined): Place | undefined {
  const country = textOf(xml, 'CountryCode')
  const part = textOf(xml, 'SubdivisionCode')
  if (country === '*') return 'default'
  const whole = country === undefined ? { continent: textOf(xml, 'ContinentCode') } : { country }
  const place = Place.safeParse(part === undefined ? whole : { region: `${country}-${part}` })
  return place.success ? place.data : undefined
}

function toVariantXml(variant: Variant): readonly XmlElement[] {
  const id = element('SetIdentifier', variant.id)
  switch (variant.by) {
    case 'weight':
      return [id, element('Weight', String(variant.weight))]
    case 'latency':
      return [id, element('Region', variant.region)]
    case 'place':
      return [id, element('GeoLocation', toGeoLocation(variant.place))]
    case 'failover':
      return [id, element('Failover', variant.role.toUpperCase())]
  }
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_GeoLocation.html */
function toGeoLocation(place: Place): readonly XmlElement[] {
  if (place === 'default') return [element('CountryCode', '*')]
  if ('continent' in place) return [element('ContinentCode', place.continent)]
  if ('country' in place) return [element('CountryCode', place.country)]
  const [country = '', part = ''] = place.region.split('-')
  return [element('CountryCode', country), element('SubdivisionCode', part)]
}
