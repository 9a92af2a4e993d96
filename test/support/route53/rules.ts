import { isIPv4, isIPv6 } from 'node:net'
import type { ResourceRecordSet } from './record-set.ts'

/** A rule that a record set is held to by itself: what is wrong with it, or nothing. */
type Rule = (set: ResourceRecordSet) => string | undefined

const API = 'https://docs.aws.amazon.com/Route53/latest/APIReference'
const GUIDE = 'https://docs.aws.amazon.com/Route53/latest/DeveloperGuide'

/** The regions that latency records may name: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html */
export const REGIONS: readonly string[] = (
  'us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 ' +
  'ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-northeast-1 ap-northeast-2 ap-northeast-3 eu-north-1 sa-east-1 ' +
  'cn-north-1 cn-northwest-1 ap-east-1 me-south-1 me-central-1 ap-south-1 ap-south-2 af-south-1 eu-south-1 ' +
  'eu-south-2 ap-southeast-4 il-central-1 ca-west-1 ap-southeast-5 mx-central-1 ap-southeast-7 us-gov-east-1 ' +
  'us-gov-west-1 ap-east-2 ap-southeast-6 eusc-de-east-1'
).split(' ')

/** Rules whose breach is an `InvalidInput`: the request is not of the published form. */
export const FORM_RULES: Readonly<Record<string, readonly Rule[]>> = {
  [`${API}/API_ResourceRecordSet.html`]: [
    ({ name }) => (name.length > 1024 ? "'name' has more than 1024 characters" : undefined),
    ({ ttl }) => within('ttl', ttl, [0, 2_147_483_647]),
    ({ weight }) => within('weight', weight, [0, 255]),
    ({ identifier }) => within('setIdentifier', identifier?.length, [1, 128]),
    ({ healthCheck }) => within('healthCheckId', healthCheck?.length, [0, 64]),
    ({ region }) =>
      region !== undefined && !REGIONS.includes(region)
        ? `Value '${region}' at 'region' failed to satisfy constraint: Member must satisfy enum value set`
        : undefined,
    (set) => {
      const routings = routingsOf(set)
      if (set.identifier === undefined && routings.length === 0) return undefined
      if (set.identifier === undefined) return `Missing field 'SetIdentifier' in ${toWords(set)}`
      return routings.length === 1
        ? undefined
        : `Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer] in ${toWords(set)}`
    },
    (set) => {
      const isPlain = set.ttl !== undefined && set.values.length > 0
      return isPlain === (set.alias !== undefined)
        ? `Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in ${toWords(set)}`
        : undefined
    },
  ],
  [`${API}/API_GeoLocation.html`]: [
    ({ geo }) => {
      if (geo === undefined) return undefined
      const { continent, country, subdivision } = geo
      if (continent !== undefined && (country ?? subdivision) !== undefined) {
        return 'ContinentCode cannot be specified with CountryCode or SubdivisionCode'
      }
      if (subdivision !== undefined && country !== 'US' && country !== 'UA') {
        return `SubdivisionCode ${subdivision} is not of US`
      }
      if (continent !== undefined && !/^(AF|AN|AS|EU|OC|NA|SA)$/.test(continent)) {
        return `No such continent: ${continent}`
      }
      const isCountry = /^([A-Z]{2}|\*)$/.test(country ?? 'US') && country !== 'XX'
      return isCountry ? undefined : `No such country: ${country}`
    },
  ],
}

/** Rules whose breach is an `InvalidChangeBatch`: the values. */
export const VALUE_RULES: Readonly<Record<string, readonly Rule[]>> = {
  [`${GUIDE}/DNSLimitations.html#limits-api-entities-records`]: [
    ({ values }) => (values.length > 400 ? 'Too many values: at most 400' : undefined),
  ],
  [`${GUIDE}/DomainNameFormat.html`]: [
    ({ name }) =>
      name.slice(0, -1).split('.').some(isBadLabel) || name.length > 256
        ? `FATAL problem: DomainLabelTooLong (Domain label is too long) encountered with '${name}'`
        : undefined,
    ({ name }) =>
      // As a whole first label "*" is a wildcard, elsewhere it is a character like any other.
      /^\\052[^.]/.test(name) ? `FATAL problem: UnsupportedCharacter in '${name}'` : undefined,
  ],
  [`${GUIDE}/ResourceRecordTypes.html`]: [
    ({ values }) => {
      const twice = values.find((value, at) => values.indexOf(value) !== at)
      return twice === undefined ? undefined : `Duplicate Resource Record: '${twice}'`
    },
    ({ type, values }) =>
      type === 'CNAME' && values.length > 1
        ? 'FATAL problem: a CNAME record has one value'
        : undefined,
    ({ type, values }) =>
      values.flatMap((value) => {
        const problem = PROBLEMS[type]?.(value)
        if (problem === undefined) return []
        return [`Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`]
      })[0],
  ],
}

/** What is wrong with one value. The names of the first four are Route 53's own. */
const PROBLEMS: Readonly<Record<string, (value: string) => string | undefined>> = {
  A: (value) =>
    isIPv4(value) ? undefined : 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)',
  AAAA: (value) =>
    isIPv6(value) ? undefined : 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)',
  TXT: (value) => {
    // Quoted strings with only \" and octal escapes, and no other bytes than printable ones.
    if (!/^"([^"\\]|\\.|\\[0-3][0-7]{2})*"( +"([^"\\]|\\.)*")*$/.test(value)) {
      return 'InvalidCharacterString (Value should be enclosed in quotation marks)'
    }
    const escapes = [...value.matchAll(/\\([0-3][0-7]{2}|.)/g)].map(([, escape = '']) => escape)
    if (/[^\x20-\x7e]/.test(value) || escapes.some((escape) => /^[^"\\]$/.test(escape))) {
      return 'UnsupportedCharacter (Value contains unsupported characters)'
    }
    const lengths = [...value.matchAll(/"((?:[^"\\]|\\[0-3][0-7]{2}|\\.)*)"/g)].map(
      ([, inside = '']) => inside.replaceAll(/\\([0-3][0-7]{2}|.)/g, '.').length,
    )
    return lengths.some((length) => length > 255) || value.length > 4000
      ? 'CharacterStringTooLong (Value is too long)'
      : undefined
  },
  CNAME: (value) =>
    isHost(value) ? undefined : 'CNAMERRDATAIllegalName (Value is not a valid domain name)',
  SRV: (value) => {
    const [priority = '', weight = '', port = '', host = '', ...more] = value.split(' ')
    const isWhole = [priority, weight, port].every((part) => /^\d{1,5}$/.test(part))
    if (!isWhole || more.length > 0)
      return 'SRVRRDATANotFourFields (Value does not have four fields)'
    return isHost(host) ? undefined : 'SRVRRDATAIllegalName (Value is not a valid domain name)'
  },
  HTTPS: (value) =>
    /^\d{1,5} \S+( [a-z0-9-]+(=("([^"\\]|\\.)*"|[^\s"]+))?)*$/.test(value)
      ? undefined
      : 'HTTPSRRDATAIllegal',
}

function isHost(text: string): boolean {
  return text === '.' || (/^[A-Za-z0-9_.\\*-]+$/.test(text) && !text.includes('..'))
}

function isBadLabel(label: string): boolean {
  const length = label.replaceAll(/\\\d{3}/g, '.').length
  return length === 0 || length > 63
}

/** How Route 53 chooses between sets of one name and type, in the names of the elements. */
export function routingsOf(set: ResourceRecordSet): readonly string[] {
  return [
    set.weight !== undefined && 'weighted',
    set.region !== undefined && 'latency',
    set.failover !== undefined && 'failover',
    set.geo !== undefined && 'geolocation',
    set.isMultiValue === true && 'multivalue answer',
  ].filter((routing) => routing !== false)
}

/** A change in the words of an error. */
export function toWords({ name, type, identifier }: ResourceRecordSet): string {
  return `Change with [Name=${name}, Type=${type}, SetIdentifier=${identifier ?? 'null'}]`
}

function within(
  name: string,
  value: number | undefined,
  [least, most]: readonly [number, number],
): string | undefined {
  const isWithin =
    value === undefined || (Number.isInteger(value) && value >= least && value <= most)
  return isWithin
    ? undefined
    : `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have value between ${least} and ${most}`
}
