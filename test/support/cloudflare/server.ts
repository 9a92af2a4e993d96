import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import { CLOUDFLARE_ERRORS as ERRORS, CloudflareError } from './error.ts'
import { listPage } from './page.ts'
import type { HeldRecord, Plan } from './record.ts'
import { type HeldZone, makeZone } from './zone.ts'

/** What a token may do: "edit" is Zone / DNS / Edit, "read" Zone / DNS / Read, "zones" Zone / Zone / Read. */
export type Right = 'edit' | 'read' | 'zones'

/** A request as it came. */
export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  /** As it came; '' without one. */
  readonly body: string
}

/** What happens to a request instead of what should: answered otherwise, never answered, or cut off. */
export interface Disturbance {
  /** Requests of this method alone. */
  readonly method?: 'GET' | 'POST'
  /** What somebody else does right before. */
  readonly meanwhile?: () => void
  /** Whether the request is done although it is answered otherwise. */
  readonly isDone?: boolean
  /** Absent: it is done, and answered as ever. */
  readonly answer?:
    | 'silence'
    | 'reset'
    | {
        readonly status: number
        readonly body?: string
        readonly headers?: Readonly<Record<string, string>>
      }
}

/** The API of one account, on loopback. */
export interface CloudflareServer {
  /** The base URL, with its version: ".../client/v4". */
  readonly url: string
  readonly received: readonly ReceivedRequest[]
  addZone(
    name: string,
    options?: { readonly plan?: Partial<Plan>; readonly status?: string },
  ): HeldZone
  /** Makes a token; without zones it is good for all of them. */
  addToken(rights: readonly Right[], zones?: readonly HeldZone[]): string
  /** Disturbs the next request that fits. */
  disturb(...disturbances: readonly Disturbance[]): void
  /** How many more requests are answered in the next so many seconds. */
  setRateLimit(requests: number, seconds: number): void
  stop(): Promise<void>
}

const FREE: Plan = { longestComment: 100, leastTtl: 60, largestBatch: 200, mostRecords: 200 }

const BASE = '/client/v4'

interface Token {
  readonly rights: readonly Right[]
  readonly zones: readonly HeldZone[] | undefined
}

interface World {
  readonly zones: HeldZone[]
  readonly tokens: Map<string, Token>
  readonly received: ReceivedRequest[]
  readonly disturbances: Disturbance[]
  readonly rate: { left: number; endsAtMs: number }
}

/**
 * Starts an API v4 that keeps its zones in memory and is as strict as the published one: paths, envelopes, fields,
 * limits, error codes, the batch, pages, tokens and their rights, rate limit
 * (developers.cloudflare.com/api/resources/dns/subresources/records).
 */
export async function startCloudflare(): Promise<CloudflareServer> {
  const world: World = {
    zones: [],
    tokens: new Map(),
    received: [],
    disturbances: [],
    rate: { left: 1200, endsAtMs: Date.now() + 300_000 },
  }
  const server = createServer((request, response) => {
    // A request that is cut off while it is read has nobody to answer to.
    handle(world, request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${BASE}`,
    received: world.received,
    addZone: (name, { plan, status } = {}) => {
      const zone = makeZone(name, { ...FREE, ...plan }, status)
      world.zones.push(zone)
      return zone
    },
    addToken: (rights, zones) => {
      // 40 characters, as developers.cloudflare.com/fundamentals/api/how-to/make-api-calls shows one.
      const token = `${world.tokens.size}`.padStart(40, 'YQSn-xWAQiiEh9qM58wZNnyQS7FUdoqGIUAbrh7T')
      world.tokens.set(token, { rights, zones })
      return token
    },
    disturb: (...disturbances) => void world.disturbances.push(...disturbances),
    setRateLimit: (requests, seconds) =>
      void Object.assign(world.rate, { left: requests, endsAtMs: Date.now() + seconds * 1000 }),
    async stop() {
      server.closeAllConnections()
      server.close()
      if (server.listening) await once(server, 'close')
    },
  }
}

async function handle(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '' } = request
  const body = await text(request)
  world.received.push({ method, path: url, body })
  const at = world.disturbances.findIndex((one) => (one.method ?? method) === method)
  const [disturbance] = at < 0 ? [] : world.disturbances.splice(at, 1)
  disturbance?.meanwhile?.()
  const isDone = disturbance?.answer === undefined || disturbance.isDone === true
  const answer = isDone ? answerTo(world, request, body) : { status: 200, envelope: {} }
  if (disturbance?.answer === 'silence') return
  if (disturbance?.answer === 'reset') {
    response.destroy()
    return
  }
  const said = disturbance?.answer
  const limits = rateHeaders(world, answer.status)
  const headers = { 'content-type': 'application/json', ...limits, ...said?.headers }
  response.writeHead(said?.status ?? answer.status, headers)
  response.end(said === undefined ? JSON.stringify(answer.envelope) : said.body)
}

/** The envelope of all answers (developers.cloudflare.com/fundamentals/api/how-to/make-api-calls). */
function answerTo(world: World, request: IncomingMessage, body: string) {
  try {
    const answer = route(world, request, body)
    return { status: 200, envelope: { success: true, errors: [], messages: [], ...answer } }
  } catch (error) {
    if (!(error instanceof CloudflareError)) throw error
    const { status, code, message, chain } = error
    const errors = [{ code, message, ...(chain.length > 0 && { error_chain: chain }) }]
    return { status, envelope: { success: false, errors, messages: [], result: null } }
  }
}

function route(world: World, request: IncomingMessage, body: string): object {
  const token = authenticate(world, request)
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  const [version, zones, zoneId, records, recordId, ...more] = pathname.split('/').slice(2)
  const isKnown = version === 'v4' && zones === 'zones' && more.length === 0
  if (!isKnown) throw new CloudflareError(ERRORS.noRoute)
  if (zoneId === undefined && request.method === 'GET') {
    // The reference of "List Zones" asks for Zone Read.
    if (!token.rights.includes('zones')) throw new CloudflareError(ERRORS.mayNotList)
    const visible = world.zones.filter((zone) => token.zones?.includes(zone) ?? true)
    return listPage(visible.map(toZone), searchParams, {
      names: ['name', 'status'],
      perPage: 20,
      most: 50,
    })
  }
  // The reference, of `zone_id`: "Identifier. maxLength 32".
  const isId = /^[0-9a-f]{32}$/.test(zoneId ?? '')
  if (!isId || records !== 'dns_records') throw new CloudflareError(ERRORS.noRoute)
  const zone = world.zones.find(({ id }) => id === zoneId)
  const may = zone !== undefined && (token.zones?.includes(zone) ?? true)
  const right = request.method === 'GET' ? ['read', 'edit'] : ['edit']
  if (!may || !token.rights.some((one) => right.includes(one))) {
    throw new CloudflareError(ERRORS.noPermission)
  }
  if (recordId === undefined && request.method === 'GET') {
    const names = ['name', 'name.exact', 'type', 'comment.startswith', 'order', 'direction']
    // The reference of "List DNS Records": at least 1, at most 5,000,000 a page, 100 when nothing is said.
    return listPage(zone.records().map(toAnswer), searchParams, {
      names,
      perPage: 100,
      most: 5_000_000,
    })
  }
  return { result: change(zone, { method: request.method ?? '', recordId }, body) }
}

function change(
  zone: HeldZone,
  { method, recordId }: { readonly method: string; readonly recordId: string | undefined },
  body: string,
): object {
  const raw = readJson(body)
  if (recordId === undefined && method === 'POST') return toAnswer(zone.create(raw))
  if (recordId === 'batch' && method === 'POST') {
    const lists = Object.entries(zone.batch(raw))
    return Object.fromEntries(lists.map(([name, records]) => [name, records.map(toAnswer)]))
  }
  if (recordId === undefined) throw new CloudflareError(ERRORS.noRoute)
  switch (method) {
    case 'GET':
      return toAnswer(zone.get(recordId))
    case 'PATCH':
      return toAnswer(zone.edit(recordId, raw))
    case 'PUT':
      return toAnswer(zone.overwrite(recordId, raw))
    case 'DELETE':
      return { id: zone.remove(recordId).id }
    default:
      throw new CloudflareError(ERRORS.noRoute)
  }
}

function readJson(body: string): unknown {
  try {
    return body === '' ? undefined : JSON.parse(body)
  } catch {
    const message = 'the body is no JSON'
    throw new CloudflareError(ERRORS.wrongRecord, { code: 9207, message })
  }
}

function authenticate({ tokens, rate }: World, { headers }: IncomingMessage): Token {
  const [, value] = /^Bearer ([\w-]{40})$/.exec(headers.authorization ?? '') ?? []
  if (value === undefined) {
    const cause = { code: 6111, message: 'Invalid format for Authorization header' }
    throw new CloudflareError(ERRORS.wrongHeaders, cause)
  }
  const token = tokens.get(value)
  if (token === undefined) throw new CloudflareError(ERRORS.unknownToken)
  if (Date.now() > rate.endsAtMs)
    Object.assign(rate, { left: 1200, endsAtMs: Date.now() + 300_000 })
  rate.left -= 1
  if (rate.left < 0) throw new CloudflareError(ERRORS.tooFast)
  return token
}

/** developers.cloudflare.com/fundamentals/api/reference/limits */
function rateHeaders({ rate }: World, status: number): Record<string, string> {
  const seconds = Math.max(1, Math.ceil((rate.endsAtMs - Date.now()) / 1000))
  return {
    ratelimit: `"default";r=${Math.max(0, rate.left)};t=${seconds}`,
    'ratelimit-policy': '"default";q=1200;w=300',
    ...(status === 429 && { 'retry-after': `${seconds}` }),
  }
}

function toZone({ id, name, status }: HeldZone): object {
  return { id, name, status, paused: false, type: 'full' }
}

/** The example answer of .../reference/dns-record-types. */
function toAnswer(record: HeldRecord): object {
  const at = '2023-01-17T20:37:05.368097Z'
  const proxiable = ['A', 'AAAA', 'CNAME'].includes(record.type)
  return { ...record, proxiable, meta: {}, tags: [], created_on: at, modified_on: at }
}
