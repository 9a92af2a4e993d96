import * as z from 'zod'
import {
  type Judge,
  type ReceivedMessage,
  type ReceiverAnswer,
  startWebhook,
  type Webhook,
} from './webhook.ts'

/** An integration key has 32 characters. */
export const ROUTING_KEY = '0123456789abcdef0123456789abcdef'

const LONGEST_BODY = 512_000

const Payload = z.object({
  summary: z.string().min(1).max(1024),
  source: z.string().min(1),
  severity: z.enum(['critical', 'error', 'warning', 'info']),
  timestamp: z.iso.datetime({ offset: true }).optional(),
  component: z.string().optional(),
  group: z.string().optional(),
  class: z.string().optional(),
  custom_details: z.record(z.string(), z.unknown()).optional(),
})
const DedupKey = z.string().min(1).max(255)
const Event = z.discriminatedUnion('event_action', [
  z.object({
    event_action: z.literal('trigger'),
    dedup_key: DedupKey.optional(),
    payload: Payload,
  }),
  z.object({ event_action: z.literal('acknowledge'), dedup_key: DedupKey }),
  z.object({ event_action: z.literal('resolve'), dedup_key: DedupKey }),
])

/** An incident, as the operator sees it. */
export interface Incident {
  status: 'triggered' | 'resolved'
  summary: string
  severity: string
  /** How often it was opened; a trigger while it is open adds to it. */
  opened: number
}

/** A service with an integration of the Events API v2. */
export interface PagerDuty extends Webhook {
  readonly enqueueUrl: string
  /** By dedup key. */
  readonly incidents: ReadonlyMap<string, Incident>
}

/**
 * Starts an Events API v2 that answers as PagerDuty's own does: 202, 400 with what is wrong, 413; and opens,
 * adds to and resolves incidents by dedup key (developer.pagerduty.com, Events API v2).
 */
export async function startPagerDuty(): Promise<PagerDuty> {
  const incidents = new Map<string, Incident>()
  const webhook = await startWebhook(pagerDutyJudge(incidents))
  return { ...webhook, incidents, enqueueUrl: `${webhook.url}/v2/enqueue` }
}

function pagerDutyJudge(incidents: Map<string, Incident>): Judge {
  return (message) => {
    const { method, path, body } = message
    if (path !== '/v2/enqueue' || method !== 'POST') return { status: 404 }
    if (Buffer.byteLength(body) > LONGEST_BODY) return { status: 413 }
    const read = readEvent(message)
    if ('status' in read) return read
    const { event } = read
    const dedupKey = event.dedup_key ?? `unnamed-${incidents.size}`
    const incident = incidents.get(dedupKey)
    if (event.event_action === 'trigger') {
      const { summary, severity } = event.payload
      if (incident?.status === 'triggered') Object.assign(incident, { severity })
      else
        incidents.set(dedupKey, {
          status: 'triggered',
          summary,
          severity,
          opened: (incident?.opened ?? 0) + 1,
        })
    }
    // One that resolves nothing is taken all the same.
    if (event.event_action === 'resolve' && incident !== undefined) incident.status = 'resolved'
    return answer(202, { status: 'success', message: 'Event processed', dedup_key: dedupKey })
  }
}

type Read = { readonly event: z.output<typeof Event> } | ReceiverAnswer

function readEvent({ body, headers }: ReceivedMessage): Read {
  const unreadable = {
    status: 'Unrecognized object',
    message: 'Event object format is unrecognized',
  }
  let raw: unknown
  try {
    raw = JSON.parse(body)
  } catch {
    // Any text may come.
    return answer(400, { ...unreadable, errors: ['JSON parse error'] })
  }
  if (headers['content-type']?.startsWith('application/json') !== true)
    return answer(400, unreadable)
  const key = z.object({ routing_key: z.string().length(32) }).safeParse(raw)
  if (!key.success) {
    return invalid(["Length of 'routing_key' is incorrect (should be 32 characters)"])
  }
  const event = Event.safeParse(raw)
  if (event.success) return { event: event.data }
  return invalid(event.error.issues.map(({ path, message }) => `'${path.join('.')}': ${message}`))
}

function invalid(errors: readonly string[]): ReceiverAnswer {
  return answer(400, { status: 'invalid event', message: 'Event object is invalid', errors })
}

function answer(status: number, body: object): ReceiverAnswer {
  return { status, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
}
