import { element } from '../../../dns/route53/xml.ts'
import { parseBatch } from './document.ts'
import { listZones, NAMED, type HostedZone } from './hosted-zones.ts'
import { listSets } from './listing.ts'
import { normalize, type ResourceRecordSet } from './record-set.ts'
import type { Reply } from './reply.ts'
import type { WireRequest } from './signature.ts'
import { applyBatch, type BatchChange } from './zone.ts'

/** What somebody wants to do, in the terms of an IAM policy. */
export interface Deed {
  readonly action: string
  readonly resource: string
  /** Of a change: normalized names, types and actions, as the condition keys have them. */
  readonly names: readonly string[]
  readonly types: readonly string[]
  readonly actions: readonly string[]
}

export interface AccountOptions {
  /** How long a change takes to reach all servers. */
  readonly propagationMs?: number
  /** How long a zone is busy with a change before it takes the next. */
  readonly busyMs?: number
  /** Whether a listing compares names with their escapes, or without. The documentation does not say. */
  readonly isEscapedInOrder?: boolean
  /** The most that a page holds, where a test wants less than the 300 that are published. */
  readonly pageSize?: number
  readonly healthChecks?: readonly string[]
  /** What the key may do. */
  readonly allows?: (deed: Deed) => boolean
  /** InvalidChangeBatch as it is published, with a message for each change. */
  readonly isPublishedError?: boolean
}

/** An account with its zones, as the API sees it. No clock of its own runs in it: states follow from times. */
export class Account {
  readonly zones: HostedZone[] = []
  readonly #options: AccountOptions
  readonly #changes = new Map<string, number>()
  readonly #busyUntilMs = new Map<string, number>()

  constructor(options: AccountOptions = {}) {
    this.#options = options
  }

  /** Makes a zone with the records that Route 53 gives every zone. */
  addZone(name: string, rest: Partial<HostedZone> = {}): HostedZone {
    const zone = normalize(name)
    const id = `Z${String(this.zones.length + 1).padStart(13, '0')}`
    const own = { name: zone, ttl: 900 }
    const soa = 'ns-2048.awsdns-64.net. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400'
    const sets = [
      { ...own, type: 'NS', ttl: 172_800, values: ['ns-2048.awsdns-64.com.'] },
      { ...own, type: 'SOA', values: [soa] },
    ]
    const made = { id, name: zone, isPrivate: false, sets, ...rest }
    this.zones.push(made)
    return made
  }

  /** Writes record sets past the API, as somebody else would have. */
  plant(zone: HostedZone, ...sets: readonly ResourceRecordSet[]): void {
    const changes = sets.map(
      (set) => ({ action: 'UPSERT', set: { ...set, name: normalize(set.name) } }) as const,
    )
    const batch = applyBatch({ zone: zone.name, sets: zone.sets }, changes)
    if (!batch.ok) throw new Error(batch.messages.join('; '))
    zone.sets = batch.sets
  }

  answer({ method, path, query, body }: WireRequest): Reply {
    const parameters = new Map(new URLSearchParams(query.replaceAll('+', '%2B')))
    const [, version, resource, id = '', part] = path.split('/')
    if (version !== '2013-04-01') return fail(404, 'UnknownOperationException', path)
    if (method === 'GET' && resource === 'hostedzonesbyname' && id === '') {
      return this.#listZones(parameters)
    }
    if (method === 'GET' && resource === 'change') return this.#getChange(id)
    if (resource !== 'hostedzone' || part !== 'rrset') {
      return fail(404, 'UnknownOperationException', path)
    }
    const zone = this.zones.find((one) => one.id === id)
    if (method === 'POST') return this.#change(zone, { id, body })
    return this.#listSets(zone, { id, parameters })
  }

  #listZones(parameters: ReadonlyMap<string, string>): Reply {
    if (!this.#allows('ListHostedZonesByName', '*')) return denied('ListHostedZonesByName', '*')
    return listZones(this.zones, parameters)
  }

  #listSets(
    zone: HostedZone | undefined,
    { id, parameters }: { id: string; parameters: ReadonlyMap<string, string> },
  ): Reply {
    const resource = `hostedzone/${id}`
    if (!this.#allows('ListResourceRecordSets', resource)) {
      return denied('ListResourceRecordSets', resource)
    }
    if (!zone) return noZone(id)
    return listSets(zone.sets, parameters, this.#options)
  }

  #getChange(id: string): Reply {
    if (!this.#allows('GetChange', `change/${id}`)) return denied('GetChange', `change/${id}`)
    const sentAtMs = this.#changes.get(id)
    if (sentAtMs === undefined) {
      return fail(
        404,
        'NoSuchChange',
        `A change with the specified change ID does not exist: ${id}`,
      )
    }
    const isPending = Date.now() < sentAtMs + (this.#options.propagationMs ?? 0)
    return toChangeInfo('GetChangeResponse', { id, sentAtMs, isPending })
  }

  #change(
    zone: HostedZone | undefined,
    { id, body }: { readonly id: string; readonly body: string },
  ): Reply {
    const parsed = parseBatch(body)
    if (!parsed.ok) return fail(400, parsed.code, parsed.message)
    const { changes } = parsed
    const action = 'ChangeResourceRecordSets'
    if (!this.#allows(action, `hostedzone/${id}`, changes))
      return denied(action, `hostedzone/${id}`)
    if (!zone) return noZone(id)
    if (Date.now() < (this.#busyUntilMs.get(id) ?? 0)) return BUSY
    const stranger = changes.find(({ set }) => !this.#hasHealthCheck(set.healthCheck))
    if (stranger)
      return fail(404, 'NoSuchHealthCheck', `No health check: ${stranger.set.healthCheck}`)
    const batch = applyBatch({ zone: zone.name, sets: zone.sets }, changes)
    if (!batch.ok) {
      const { code, messages } = batch
      const isPublished = this.#options.isPublishedError === true && code === 'InvalidChangeBatch'
      const message = code === 'InvalidChangeBatch' ? `[${messages.join(', ')}]` : messages.join()
      return { status: 400, code, message, ...(isPublished && { messages }) }
    }
    zone.sets = batch.sets
    const sentAtMs = Date.now()
    const change = `C${String(this.#changes.size + 1).padStart(13, '0')}`
    this.#changes.set(change, sentAtMs)
    this.#busyUntilMs.set(id, sentAtMs + (this.#options.busyMs ?? 0))
    return toChangeInfo(`${action}Response`, { id: change, sentAtMs, isPending: true })
  }

  #hasHealthCheck(id: string | undefined): boolean {
    return id === undefined || (this.#options.healthChecks ?? []).includes(id)
  }

  #allows(action: string, resource: string, changes: readonly BatchChange[] = []): boolean {
    const { allows = () => true } = this.#options
    return allows({
      action: `route53:${action}`,
      resource: resource === '*' ? '*' : `arn:aws:route53:::${resource}`,
      // https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html#route53_rrset_conditionkeys_normalization
      names: changes.map(({ set }) => set.name.slice(0, -1)),
      types: changes.map(({ set }) => set.type),
      actions: changes.map((change) => change.action),
    })
  }
}

const BUSY: Reply = {
  status: 400,
  code: 'PriorRequestNotComplete',
  message: 'The request was rejected because Route 53 was still processing a prior request.',
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeInfo.html */
function toChangeInfo(
  name: string,
  { id, sentAtMs, isPending }: { id: string; sentAtMs: number; isPending: boolean },
): Reply {
  const info = element('ChangeInfo', [
    element('Id', `/change/${id}`),
    element('Status', isPending ? 'PENDING' : 'INSYNC'),
    element('SubmittedAt', new Date(sentAtMs).toISOString()),
  ])
  return { status: 200, element: element(name, [info]) }
}

function noZone(id: string): Reply {
  return fail(404, 'NoSuchHostedZone', `No hosted zone found with ID: ${id}`)
}

function denied(action: string, resource: string): Reply {
  const who = 'User: arn:aws:iam::123456789012:user/portolan'
  return fail(
    403,
    'AccessDenied',
    `${who} is not authorized to perform: route53:${action} on resource: ${NAMED}${resource}`,
  )
}

function fail(status: number, code: string, message: string): Reply {
  return { status, code, message }
}
