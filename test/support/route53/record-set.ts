import { element, listOf, textOf, childOf, type XmlElement } from '../../../dns/route53/xml.ts'

/** A resource record set as Route 53 keeps it: names with their escapes and last dot, values as they were given. */
export interface ResourceRecordSet {
  readonly name: string
  readonly type: string
  readonly identifier?: string
  readonly weight?: number
  readonly region?: string
  readonly geo?: {
    readonly continent?: string
    readonly country?: string
    readonly subdivision?: string
  }
  readonly failover?: string
  readonly isMultiValue?: boolean
  readonly ttl?: number
  readonly values: readonly string[]
  readonly alias?: { readonly zone: string; readonly name: string; readonly isEvaluated: boolean }
  readonly healthCheck?: string
}

/** Reads a `ResourceRecordSet` whose form has been checked. */
export function fromElement(set: XmlElement): ResourceRecordSet {
  const text = (name: string): string | undefined => textOf(set, name)
  const number = (name: string): number | undefined => toNumber(text(name))
  const geo = childOf(set, 'GeoLocation')
  const alias = childOf(set, 'AliasTarget')
  return compact({
    name: normalize(text('Name') ?? ''),
    type: text('Type') ?? '',
    identifier: text('SetIdentifier'),
    weight: number('Weight'),
    region: text('Region'),
    geo:
      geo &&
      compact({
        continent: textOf(geo, 'ContinentCode'),
        country: textOf(geo, 'CountryCode'),
        subdivision: textOf(geo, 'SubdivisionCode'),
      }),
    failover: text('Failover'),
    isMultiValue: text('MultiValueAnswer') === 'true' ? true : undefined,
    ttl: number('TTL'),
    values: listOf(set, 'ResourceRecords').map((record) => textOf(record, 'Value') ?? ''),
    alias: alias && {
      zone: textOf(alias, 'HostedZoneId') ?? '',
      name: normalize(textOf(alias, 'DNSName') ?? ''),
      isEvaluated: textOf(alias, 'EvaluateTargetHealth') === 'true',
    },
    healthCheck: text('HealthCheckId'),
  })
}

/** Writes one as a listing has it. */
export function toElement(set: ResourceRecordSet): XmlElement {
  const { geo, alias } = set
  const records = set.values.map((value) => element('ResourceRecord', [element('Value', value)]))
  return element('ResourceRecordSet', [
    element('Name', set.name),
    element('Type', set.type),
    ...some('SetIdentifier', set.identifier),
    ...some('Weight', set.weight),
    ...some('Region', set.region),
    ...(geo
      ? [
          element('GeoLocation', [
            ...some('ContinentCode', geo.continent),
            ...some('CountryCode', geo.country),
            ...some('SubdivisionCode', geo.subdivision),
          ]),
        ]
      : []),
    ...some('Failover', set.failover),
    ...some('MultiValueAnswer', set.isMultiValue),
    ...some('TTL', set.ttl),
    ...(records.length > 0 ? [element('ResourceRecords', records)] : []),
    ...(alias
      ? [
          element('AliasTarget', [
            element('HostedZoneId', alias.zone),
            element('DNSName', alias.name),
            element('EvaluateTargetHealth', String(alias.isEvaluated)),
          ]),
        ]
      : []),
    ...some('HealthCheckId', set.healthCheck),
  ])
}

/** Elements for what is there. */
export function some(
  name: string,
  value: string | number | boolean | undefined,
): readonly XmlElement[] {
  return value === undefined ? [] : [element(name, String(value))]
}

/**
 * Lower case, with the last dot, and every character but a-z, 0-9, "-" and "_" as an octal escape.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
 */
export function normalize(name: string): string {
  const plain = name
    .replaceAll(/\\([0-3][0-7]{2})/g, (escape, code: string) =>
      code === '056' ? escape : String.fromCharCode(Number.parseInt(code, 8)),
    )
    .toLowerCase()
  const dotted = plain.endsWith('.') ? plain : `${plain}.`
  return dotted.replaceAll(/[^a-z0-9_.-]/g, (character, at: number) => {
    const isEscape = character === '\\' && dotted.startsWith(String.raw`\056`, at)
    return isEscape ? character : `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`
  })
}

/** A name as listings compare it, its labels reversed: `com.example.www.` */
export function toOrder(name: string): string {
  return `${normalize(name).slice(0, -1).split('.').toReversed().join('.')}.`
}

function toNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}

/** Without what is undefined: as an exact optional property is left away. */
function compact<Value extends object>(value: {
  [Key in keyof Value]: Value[Key] | undefined
}): Value {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Value
}
