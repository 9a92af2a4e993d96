import { childOf, parseXml, textOf, type XmlElement } from '../../../dns/route53/xml.ts'
import { fromElement } from './record-set.ts'
import type { BatchChange } from './zone.ts'

/** https://docs.aws.amazon.com/Route53/latest/APIReference/requests-rest.html */
export const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/'

/**
 * The children of each element, in the order in which they must stand ("The XML elements in your request must appear
 * in the order listed in the syntax"), those that may not be left out with a "!".
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  ChangeResourceRecordSetsRequest: ['ChangeBatch!'],
  ChangeBatch: ['Comment', 'Changes!'],
  Change: ['Action!', 'ResourceRecordSet!'],
  ResourceRecordSet: [
    'Name!',
    'Type!',
    'SetIdentifier',
    'Weight',
    'Region',
    'GeoLocation',
    'Failover',
    'MultiValueAnswer',
    'TTL',
    'ResourceRecords',
    'AliasTarget',
    'HealthCheckId',
    'TrafficPolicyInstanceId',
    'CidrRoutingConfig',
    'GeoProximityLocation',
  ],
  GeoLocation: ['ContinentCode', 'CountryCode', 'SubdivisionCode'],
  AliasTarget: ['HostedZoneId!', 'DNSName!', 'EvaluateTargetHealth!'],
  ResourceRecord: ['Value!'],
}

/** Elements that hold any number, but one, of one other. */
const LISTS: Readonly<Record<string, string>> = {
  Changes: 'Change',
  ResourceRecords: 'ResourceRecord',
}

const TYPES = /^(SOA|A|TXT|NS|CNAME|MX|NAPTR|PTR|SRV|SPF|AAAA|CAA|DS|TLSA|SSHFP|SVCB|HTTPS)$/

/** The changes of a batch, or what is wrong with the form of the document. */
export type Parsed =
  | { readonly ok: true; readonly changes: readonly BatchChange[] }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** Reads the body of a ChangeResourceRecordSets request. */
export function parseBatch(body: string): Parsed {
  const root = parseXml(body)
  if (root === undefined) return invalid('XML document structures must start and end')
  if (!body.includes(`<ChangeResourceRecordSetsRequest xmlns="${NAMESPACE}"`)) {
    return invalid('Cannot find the declaration of element ChangeResourceRecordSetsRequest')
  }
  const problem = findProblem(root)
  if (problem !== undefined) return invalid(problem)
  const batch = childOf(root, 'ChangeBatch')
  if ((textOf(batch, 'Comment') ?? '').length > 256) return invalid('Comment: cvc-maxLength-valid')
  const changes = (childOf(batch, 'Changes')?.children ?? []).map((change) => ({
    action: textOf(change, 'Action') ?? '',
    set: childOf(change, 'ResourceRecordSet'),
  }))
  const parsed: BatchChange[] = []
  for (const { action, set } of changes) {
    if (action !== 'CREATE' && action !== 'DELETE' && action !== 'UPSERT') {
      return invalid(`cvc-enumeration-valid: Value '${action}'`)
    }
    if (!set || !TYPES.test(textOf(set, 'Type') ?? ''))
      return invalid('cvc-enumeration-valid: Type')
    parsed.push({ action, set: fromElement(set) })
  }
  return { ok: true, changes: parsed }
}

function invalid(problem: string): Parsed {
  const message = `Invalid XML ; javax.xml.stream.XMLStreamException: org.xml.sax.SAXParseException; ${problem}`
  return { ok: false, code: 'InvalidInput', message }
}

function findProblem({ name, children, text }: XmlElement): string | undefined {
  const item = LISTS[name]
  const form = FORMS[name]
  const names = children.map((child) => child.name)
  if (item === undefined && form === undefined) {
    if (children.length > 0) return `cvc-type.3.1.2: Element '${name}' is a simple type`
    return text === '' && name !== 'Comment' ? `cvc-minLength-valid: ${name}` : undefined
  }
  const order = (form ?? []).map((part) => part.replace('!', ''))
  const places = names.map((child) => order.indexOf(child))
  const isInOrder =
    item === undefined
      ? places.every((place, at) => place > (places[at - 1] ?? -1))
      : names.length > 0 && names.every((child) => child === item)
  const isWhole = (form ?? []).every(
    (part) => !part.endsWith('!') || names.includes(part.slice(0, -1)),
  )
  if (!isInOrder || !isWhole) {
    return `cvc-complex-type.2.4.a: Invalid content was found in element '${name}': ${names.join(', ')}`
  }
  return children.map(findProblem).find((problem) => problem !== undefined)
}
