import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import type { Zone } from '../../durable/zone.ts'
import { createZoneClient } from '../../durable/zone-methods.ts'
import type { Env } from '../../src/env.ts'
import { CALL_URL } from '../../durable/wire.ts'
import { control, put, valueOf } from './control-harness.ts'

export const ZONE = { provider: 'pdns', zone: 'example.com' } as const
export const zoneStub = () => env.ZONES.get(env.ZONES.idFromName('pdns/example.com'))
export const zoneClient = createZoneClient(env, ZONE, 30_000)

/** Two regions, and a record that answers with the first that is well. */
export function configOf(record: object = {}, extra: object = {}) {
  return {
    pools: {
      us: { origins: { 'us-1': { url: 'https://192.0.2.1' } } },
      eu: { origins: { 'eu-1': { url: 'https://192.0.2.2' } } },
    },
    routes: { all: { steer: { policy: 'failover', pools: ['us', 'eu'] } } },
    dns: {
      providers: {
        pdns: { type: 'powerdns', url: 'http://127.0.0.1:1', key: { secret: 'PDNS_KEY' } },
      },
      records: {
        www: {
          ...ZONE,
          name: 'www.example.com',
          type: 'A',
          route: 'all',
          settle: '0s',
          holdTime: '0s',
          ...record,
        },
      },
      check: { nameServers: false, resolvers: [] },
      ...extra,
    },
  }
}

interface Rrset {
  readonly name: string
  readonly type: string
  readonly ttl: number
  readonly changetype?: string
  readonly records: readonly { readonly content: string }[]
  readonly comments: readonly { readonly content: string }[]
}

/** The zone as a server has it, and what became of the questions. */
export interface Server {
  readonly rrsets: Map<string, Rrset>
  /** "GET", "PATCH", in their order. */
  readonly asked: string[]
  /** How many times a record set was written. */
  writes: number
  /** May hold a question, or answer in another way. `isDone`: whether a write has been made when it is called. */
  before: (method: string) => Promise<Response | undefined>
  after: (method: string) => Promise<Response | undefined>
}

/** Puts a server where the platform's `fetch` is, so that an object can end in the middle of a question. */
export function serveZone(): Server {
  const server: Server = {
    rrsets: new Map(),
    asked: [],
    writes: 0,
    before: async () => undefined,
    after: async () => undefined,
  }
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    const { method, url: place } = new Request(url, init)
    const body = await new Response(init?.body).text()
    server.asked.push(method)
    const early = await server.before(method)
    if (early !== undefined) return early
    const answer = method === 'PATCH' ? write(server, body) : read(server, place)
    return (await server.after(method)) ?? answer
  })
  return server
}

function read({ rrsets }: Server, url: string): Response {
  const { searchParams } = new URL(url)
  const name = searchParams.get('rrset_name')
  const found = [...rrsets.values()].filter((rrset) => name === null || rrset.name === name)
  return Response.json({ kind: 'Native', rrsets: found })
}

function write(server: Server, body: string): Response {
  const { rrsets } = JSON.parse(body) as { readonly rrsets: readonly Rrset[] }
  for (const { changetype, ...rrset } of rrsets) {
    server.writes += 1
    if (changetype === 'DELETE') server.rrsets.delete(`${rrset.name} ${rrset.type}`)
    else server.rrsets.set(`${rrset.name} ${rrset.type}`, rrset)
  }
  return new Response(null, { status: 204 })
}

/** What `www` answers with. */
export function answersOf({ rrsets }: Server): readonly string[] {
  return (rrsets.get('www.example.com. A')?.records ?? []).map(({ content }) => content)
}

/** What the audit log has of the record, oldest first. */
export async function audited(): Promise<
  readonly { readonly action: string; readonly after: unknown }[]
> {
  const { items } = valueOf(await control.call('audit', { limit: 200 }))
  return items
    .filter(({ action }) => action.startsWith('dns.'))
    .map(({ action, after }) => ({ action, after }))
    .toReversed()
}

let reports = 0

/** An origin falls, or is well again. */
export async function report(origin: string, health: 'healthy' | 'unhealthy'): Promise<void> {
  reports += 1
  const evidence = health === 'unhealthy' ? 'connection refused' : ''
  const told = { origin, sequence: reports, health, evidence, sinceMs: Date.now() }
  valueOf(await control.call('health', { report: told }))
}

/** What happens around a call of the zone to the control object. Whoever throws takes the call or its answer away. */
export interface Around {
  before?(this: void, method: string): Promise<unknown>
  after?(this: void, method: string): Promise<unknown>
}

/** Puts something between the zone and the control object, until the zone's process ends. */
export async function standBetween(around: Around): Promise<void> {
  await runInDurableObject(zoneStub(), (object: Zone) => {
    // A private field, and the one place where the others can be replaced.
    const inner = object as unknown as { env: Env }
    const whole = inner.env.CONTROL
    const namespace = {
      idFromName: (id: string) => whole.idFromName(id),
      get: (id: DurableObjectId) => ({
        async fetch(url: string, init: RequestInit) {
          const method = url.slice(CALL_URL.length)
          await around.before?.(method)
          const answer = await (await whole.get(id).fetch(url, init)).text()
          await around.after?.(method)
          return new Response(answer)
        },
      }),
    }
    inner.env = { ...inner.env, CONTROL: namespace as unknown as DurableObjectNamespace }
  })
}

/** Fails the calls of one method. */
export function failing(name: string): (method: string) => Promise<void> {
  return async (method) => {
    if (method === name) throw new Error('away')
  }
}

/** Has the zone throw where it reads what is in force, until its process ends. */
export async function breakReading(): Promise<void> {
  await runInDurableObject(zoneStub(), (object: Zone) => {
    // A private field, and the one place where a mistake can be put in.
    Object.assign(object, { source: { read: () => Promise.reject(new Error('nonsense')) } })
  })
}

export { control, put, valueOf }
