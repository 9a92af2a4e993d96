import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { element, writeXml, type XmlElement } from '../../../dns/route53/xml.ts'
import { Account } from './account.ts'
import { NAMESPACE } from './document.ts'
import type { Reply } from './reply.ts'
import { refuseSignature, type Credentials, type WireRequest } from './signature.ts'

/** What may happen to one request, instead of or after what it asks for. */
export type Mishap =
  | {
      readonly kind: 'error'
      readonly status: number
      readonly code: string
      readonly retryAfter?: string
    }
  | { readonly kind: 'text'; readonly status: number; readonly body: string }
  /** The line is cut before anything is done, or after. */
  | { readonly kind: 'cut' | 'lost' }
  /** It is done, and no answer comes. */
  | { readonly kind: 'silent' }

/** A running server of our own that answers as Route 53 does. */
export interface Route53Server {
  readonly url: string
  readonly credentials: Credentials
  readonly account: Account
  /** What was asked, oldest first: "GET /2013-04-01/change/C1". */
  readonly log: readonly string[]
  /** Bodies of the changes that were asked for. */
  readonly bodies: readonly string[]
  /** Lets the next request whose line matches have a mishap. */
  strike(line: RegExp, mishap: Mishap): void
  /** Does something right before the next request whose line matches: what another does between a look and a write. */
  meanwhile(line: RegExp, deed: () => void): void
  stop(): Promise<void>
}

export interface Route53Options {
  readonly credentials?: Partial<Credentials>
  readonly account?: Account
  /** Five requests a second, as of a real account. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests-route-53 */
  readonly isThrottled?: boolean
  readonly nowMs?: () => number
}

const SCOPE = { region: 'us-east-1', service: 'route53' } as const

/** Starts it on a free port of loopback. */
export async function startRoute53(options: Route53Options = {}): Promise<Route53Server> {
  const { account = new Account(), isThrottled = false, nowMs = Date.now } = options
  const credentials = { ...KEY, ...options.credentials }
  const log: string[] = []
  const bodies: string[] = []
  const mishaps: { line: RegExp; mishap: Mishap }[] = []
  const deeds: { line: RegExp; deed: () => void }[] = []
  let recent: readonly number[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const wire = await toWire(request)
    const line = `${wire.method} ${wire.path}${wire.query === '' ? '' : `?${wire.query}`}`
    log.push(line)
    if (wire.body !== '') bodies.push(wire.body)
    const due = deeds.findIndex((one) => one.line.test(line))
    if (due >= 0) deeds.splice(due, 1)[0]?.deed()
    const at = mishaps.findIndex((one) => one.line.test(line))
    const [struck] = at < 0 ? [] : mishaps.splice(at, 1)
    if (struck?.mishap.kind === 'cut') return void request.socket.destroy()
    recent = [...recent.filter((ms) => ms > Date.now() - 1_000), Date.now()]
    const refused = refuseSignature(wire, credentials, { ...SCOPE, nowMs: nowMs() })
    const isTooMuch = isThrottled && recent.length > 5
    const early = struck && toReply(struck.mishap)
    const reply = refused ?? early ?? (isTooMuch ? THROTTLED : account.answer(wire))
    if (struck?.mishap.kind === 'lost') return void request.socket.destroy()
    if (struck?.mishap.kind === 'silent') return
    send(response, reply)
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    credentials,
    account,
    log,
    bodies,
    strike: (line, mishap) => void mishaps.push({ line, mishap }),
    meanwhile: (line, deed) => void deeds.push({ line, deed }),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const KEY: Credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}

const THROTTLED: Reply = { status: 400, code: 'Throttling', message: 'Rate exceeded' }

async function toWire(request: IncomingMessage): Promise<WireRequest> {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
  return {
    method: request.method ?? '',
    path,
    query,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: await readText(request),
  }
}

function toReply(mishap: Mishap): Reply | undefined {
  if (mishap.kind === 'text') return { status: mishap.status, body: mishap.body }
  if (mishap.kind !== 'error') return undefined
  const { status, code, retryAfter } = mishap
  return { status, code, message: `${code} as a test wants it`, ...(retryAfter && { retryAfter }) }
}

function send(response: ServerResponse, reply: Reply): void {
  const id = randomUUID()
  const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': id }
  const retryAfter = 'retryAfter' in reply ? { 'retry-after': reply.retryAfter } : {}
  response.writeHead(reply.status, { ...headers, ...retryAfter }).end(toBody(reply, id))
}

/** Errors in the shape that Route 53 sends today; `messages` in the one that it publishes for InvalidChangeBatch. */
function toBody(reply: Reply, id: string): string {
  if ('body' in reply) return reply.body
  if ('element' in reply) return toDocument(reply.element)
  const request = element('RequestId', id)
  const { code, message } = reply
  if ('messages' in reply && reply.messages !== undefined) {
    const messages = reply.messages.map((one) => element('Message', one))
    return toDocument(element(code, [element('Messages', messages), request]))
  }
  const parts = { Type: 'Sender', Code: code, Message: message }
  const error = Object.entries(parts).map(([name, value]) => element(name, value))
  return toDocument(element('ErrorResponse', [element('Error', error), request]))
}

function toDocument(root: XmlElement): string {
  const xml = writeXml(root).replace(`<${root.name}>`, `<${root.name} xmlns="${NAMESPACE}">`)
  return `<?xml version="1.0"?>\n${xml}`
}
