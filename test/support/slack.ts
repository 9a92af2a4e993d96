import * as z from 'zod'
import {
  type Judge,
  type ReceivedMessage,
  type ReceiverAnswer,
  startWebhook,
  type Webhook,
} from './webhook.ts'

/** The way of an incoming webhook: team, service and token. */
const PATH = '/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx'

/** As Slack takes them: one a second and webhook, bursts left out. */
const SPACING_MS = 1000

const Plain = z.strictObject({
  type: z.literal('plain_text'),
  text: z.string().min(1).max(3000),
  emoji: z.boolean().optional(),
})
const Markup = z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(3000) })
const Block = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('header'),
    text: Plain.extend({ text: z.string().min(1).max(150) }),
  }),
  z.strictObject({ type: z.literal('section'), text: z.union([Plain, Markup]) }),
  z.strictObject({
    type: z.literal('context'),
    elements: z
      .array(z.union([Plain, Markup]))
      .min(1)
      .max(10),
  }),
])
const Blocks = z.array(Block).min(1).max(50)

/** A channel's incoming webhook. */
export interface Slack extends Webhook {
  /** The secret address. */
  readonly secretUrl: string
}

/**
 * Starts an incoming webhook that answers as Slack does: `ok`, or a status and a word that says what is wrong
 * (api.slack.com/changelog/2016-05-17), 429 with Retry-After beyond one message a second, and Block Kit's own
 * bounds.
 */
export async function startSlack(): Promise<Slack> {
  const webhook = await startWebhook(slackJudge())
  return { ...webhook, secretUrl: webhook.url + PATH }
}

function slackJudge(): Judge {
  let takenAtMs = 0
  return (message) => {
    const refusal = refuse(message)
    if (refusal !== undefined) return refusal
    const waitMs = takenAtMs + SPACING_MS - message.atMs
    if (waitMs > 0) {
      const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) }
      return { status: 429, headers, body: '{"ok":false,"error":"rate_limited"}' }
    }
    takenAtMs = message.atMs
    return { status: 200, body: 'ok' }
  }
}

function refuse({ method, path, headers, body }: ReceivedMessage): ReceiverAnswer | undefined {
  if (path !== PATH) return { status: 404, body: 'no_service' }
  if (method !== 'POST') return { status: 405, body: 'method_not_allowed' }
  if (headers['content-type']?.startsWith('application/json') !== true)
    return badRequest('invalid_payload')
  const payload = toObject(body)
  if (payload === undefined) return badRequest('invalid_payload')
  const { text, blocks } = payload
  if (text !== undefined && typeof text !== 'string') return badRequest('invalid_payload')
  if (blocks === undefined && (text === undefined || text === '')) return badRequest('no_text')
  if (blocks !== undefined && !Blocks.safeParse(blocks).success) return badRequest('invalid_blocks')
  return undefined
}

function badRequest(body: string): ReceiverAnswer {
  return { status: 400, body }
}

function toObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(body))
  } catch {
    // Neither JSON nor an object: Slack does not tell them apart.
    return undefined
  }
}
