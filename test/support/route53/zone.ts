import { FORM_RULES, routingsOf, VALUE_RULES } from './rules.ts'
import type { ResourceRecordSet } from './record-set.ts'

/** One of the changes of a batch. */
export interface BatchChange {
  readonly action: 'CREATE' | 'DELETE' | 'UPSERT'
  readonly set: ResourceRecordSet
}

/** What became of a batch: all of it, or none and why. */
export type Batch =
  | { readonly ok: true; readonly sets: readonly ResourceRecordSet[] }
  | { readonly ok: false; readonly code: string; readonly messages: readonly string[] }

/** What the rules of a zone look at. */
interface Scene {
  /** `example.com.` */
  readonly zone: string
  readonly sets: readonly ResourceRecordSet[]
}

/**
 * The sets of a zone after a batch: its changes one after the other, on a copy that counts only when all of them hold.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
export function applyBatch(scene: Scene, changes: readonly BatchChange[]): Batch {
  const wrong = changes.flatMap(({ set }) => breaches(FORM_RULES, set))[0]
  if (wrong !== undefined)
    return { ok: false, code: 'InvalidInput', messages: [`Invalid request: ${wrong}`] }
  const messages = [...checkSize(changes)]
  let { sets } = scene
  for (const { action, set } of changes) {
    const same = sets.find((other) => isSamePlace(other, set))
    const others = sets.filter((other) => other !== same)
    const problem = refuse({ zone: scene.zone, sets: others }, { action, set, same })
    if (problem !== undefined) messages.push(problem)
    else sets = action === 'DELETE' ? others : join(others, set)
  }
  if (sets.length > 10_000) messages.push('A hosted zone has at most 10000 records')
  return messages.length > 0
    ? { ok: false, code: 'InvalidChangeBatch', messages }
    : { ok: true, sets }
}

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests-changeresourcerecordsets */
function checkSize(changes: readonly BatchChange[]): readonly string[] {
  const values = changes.flatMap(({ action, set }) => [
    ...set.values,
    ...(action === 'UPSERT' ? set.values : []),
  ])
  const characters = values.join('').length
  return [
    ...(values.length > 1_000 ? [`Number of records limit of 1000 exceeded.`] : []),
    ...(characters > 32_000 ? [`Number of characters limit of 32000 exceeded.`] : []),
  ]
}

function refuse(
  { zone, sets }: Scene,
  { action, set, same }: BatchChange & { readonly same: ResourceRecordSet | undefined },
): string | undefined {
  const { name, type, identifier } = set
  const id = identifier === undefined ? '' : `, set-identifier='${identifier}'`
  const what = `resource record set [name='${name}', type='${type}'${id}]`
  if (name !== zone && !name.endsWith(`.${zone}`)) {
    return `RRSet with DNS name ${name} is not permitted in zone ${zone}`
  }
  if (action === 'DELETE') {
    if (same === undefined) return `Tried to delete ${what} but it was not found`
    if (!isEqual(same, set)) {
      return `Tried to delete ${what} but the values provided do not match the current values`
    }
    // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html
    const isOwn = name === zone && (type === 'NS' || type === 'SOA')
    return isOwn
      ? `A HostedZone must contain at least one ${type} record for the zone itself`
      : undefined
  }
  if (action === 'CREATE' && same !== undefined)
    return `Tried to create ${what} but it already exists`
  return breaches(VALUE_RULES, set)[0] ?? refuseBeside({ zone, sets }, set)
}

/** What cannot stand beside what. */
function refuseBeside({ zone, sets }: Scene, set: ResourceRecordSet): string | undefined {
  const { name, type, identifier } = set
  const named = sets.filter((other) => other.name === name)
  // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat
  if (type === 'CNAME' && name === zone) {
    return `RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone}`
  }
  if (type === 'CNAME' && named.some((other) => other.type !== 'CNAME')) {
    return `RRSet of type CNAME with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone}`
  }
  if (type !== 'CNAME' && named.some((other) => other.type === 'CNAME')) {
    return `RRSet of type ${type} with DNS name ${name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone}`
  }
  // https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
  const group = named.filter((other) => other.type === type)
  const [routing] = routingsOf(set)
  const who = `RRSet with DNS name ${name}, type ${type}${identifier === undefined ? '' : `, SetIdentifier "${identifier}"`}`
  if (group.some((other) => (routingsOf(other)[0] === undefined) !== (routing === undefined))) {
    return `${who} cannot be created as other RRSets exist with the same name and type.`
  }
  if (group.some((other) => routingsOf(other)[0] !== routing)) {
    return `${who} cannot be created as a non-${routing} set exists with the same name and type.`
  }
  const twin = group.find(
    (other) =>
      (routing === 'geolocation' && JSON.stringify(other.geo) === JSON.stringify(set.geo)) ||
      (routing === 'latency' && other.region === set.region) ||
      (routing === 'failover' && other.failover === set.failover),
  )
  if (twin) return `${who} cannot be created: "${twin.identifier}" has the same ${routing}`
  return group.length >= 100 ? `${who} cannot be created: there are 100` : undefined
}

/**
 * Weighted sets of one name and type share one TTL: that of the one written last.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-weighted.html#rrsets-values-weighted-ttl
 */
function join(
  sets: readonly ResourceRecordSet[],
  made: ResourceRecordSet,
): readonly ResourceRecordSet[] {
  const { weight, name, type, ttl } = made
  const isShared = (set: ResourceRecordSet): boolean =>
    weight !== undefined && ttl !== undefined && set.name === name && set.type === type
  return [...sets.map((set) => (isShared(set) && ttl !== undefined ? { ...set, ttl } : set)), made]
}

function isSamePlace(one: ResourceRecordSet, other: ResourceRecordSet): boolean {
  return one.name === other.name && one.type === other.type && one.identifier === other.identifier
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_Change.html: all the same values, in any order. */
function isEqual(one: ResourceRecordSet, other: ResourceRecordSet): boolean {
  return toText(one) === toText(other)
}

function toText(set: ResourceRecordSet): string {
  const parts = Object.entries({ ...set, values: set.values.toSorted() })
  return JSON.stringify(parts.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function breaches(
  rules: Readonly<Record<string, readonly ((set: ResourceRecordSet) => string | undefined)[]>>,
  set: ResourceRecordSet,
): readonly string[] {
  return Object.values(rules)
    .flat()
    .flatMap((rule) => rule(set) ?? [])
}
