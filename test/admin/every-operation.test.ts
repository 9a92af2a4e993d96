import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { emptyAll } from '../support/processes-worker.ts'
import { type Told, ask } from './ask.ts'
import { type Described, type Description, readDescription } from './described.ts'

// Two regions, and nothing that runs by itself.
const CONFIG = {
  settings: { probing: 'cron' },
  monitors: { web: { regions: ['weur'], timeout: '1s' } },
  ramps: { slow: { steps: [50, 100], dwell: '1h' } },
  interlocks: { maxChangePercent: 100 },
  notifications: { hook: { type: 'webhook', url: 'https://hook.example.com/', secret: 'NOT_SET' } },
  pools: {
    us: { monitor: 'web', origins: { 'us-1': { url: 'https://us-1.example.com' } } },
    eu: { monitor: 'web', origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
  },
  routes: {
    all: { steer: { policy: 'weighted', weights: { us: 70, eu: 30 } } },
    app: {
      match: { hosts: ['app.example.com'] },
      steer: { policy: 'failover', pools: ['us', 'eu'] },
      affinity: { type: 'header', names: [{ header: 'x-user' }], store: 'durable' },
    },
  },
  dns: {
    providers: {
      pdns: { type: 'powerdns', url: 'https://pdns.example.com', key: { secret: 'NOT_SET' } },
    },
    records: {
      www: {
        provider: 'pdns',
        zone: 'example.com',
        name: 'www.example.com',
        type: 'CNAME',
        route: 'app',
      },
    },
  },
}

const MIX = { type: 'generated', clients: 20, requests: [{ host: 'www.example.com' }] }

/** One valid call of an operation. `path`: with its parameters filled in. */
interface Example {
  readonly id: string
  readonly path: string
  readonly body?: unknown
  readonly status?: number
}

/** A story in which each operation has its turn; what it needs, the ones before have made. */
const STORY: readonly Example[] = [
  { id: 'getApiDescription', path: '/openapi.json' },
  { id: 'isLive', path: '/health/live' },
  { id: 'isReady', path: '/health/ready', status: 503 },
  { id: 'isStarted', path: '/health/startup', status: 503 },
  { id: 'getStatus', path: '/status' },
  { id: 'putConfig', path: '/v1/config?message=first', body: CONFIG },
  { id: 'getConfig', path: '/v1/config' },
  { id: 'setWeights', path: '/v1/routes/all/weights', body: { weights: { us: 60, eu: 40 } } },
  { id: 'listRevisions', path: '/v1/revisions?limit=1' },
  { id: 'getRevision', path: '/v1/revisions/2' },
  { id: 'rollbackRevision', path: '/v1/revisions/1/rollback' },
  { id: 'explain', path: '/v1/explain', body: { facts: { host: 'www.example.com' } } },
  {
    id: 'simulate',
    path: '/v1/simulate',
    body: { lost: { pools: ['us'] }, traffic: MIX },
  },
  { id: 'listOrigins', path: '/v1/origins?limit=1' },
  { id: 'getOrigin', path: '/v1/origins/us-1' },
  { id: 'listPools', path: '/v1/pools' },
  { id: 'getPool', path: '/v1/pools/us' },
  { id: 'probeOrigin', path: '/v1/origins/us-1/probe' },
  {
    id: 'previewMonitor',
    path: '/v1/monitors/preview',
    body: { monitor: 'web', origins: ['eu-1'] },
  },
  {
    id: 'setOriginState',
    path: '/v1/origins/us-1/state?confirmWithin=1h',
    body: { state: 'drain', reason: 'new disk', ramp: 'slow' },
  },
  { id: 'listRamps', path: '/v1/ramps' },
  { id: 'getRamp', path: '/v1/ramps/origin:us-1' },
  { id: 'commandRamp', path: '/v1/ramps/origin:us-1/pause' },
  { id: 'listConfirmations', path: '/v1/confirmations' },
  { id: 'confirmChange', path: '/v1/confirmations/{confirmation}' },
  {
    id: 'setPoolState',
    path: '/v1/pools/eu/state?override=true',
    body: { state: 'maintenance', reason: 'move', until: '2126-11-21T10:00:00Z' },
  },
  {
    id: 'setPoolShedding',
    path: '/v1/pools/us/shedding?override=true',
    body: { newPercent: 20, sessionPercent: 5, reason: 'too slow' },
  },
  { id: 'endPoolShedding', path: '/v1/pools/us/shedding' },
  {
    id: 'startShift',
    path: '/v1/shifts?override=true',
    body: { route: 'all', to: { us: 20, eu: 80 }, ramp: 'slow' },
  },
  { id: 'listShifts', path: '/v1/shifts' },
  { id: 'getShift', path: '/v1/shifts/{shift}' },
  { id: 'commandShift', path: '/v1/shifts/{shift}/abort' },
  { id: 'rotateAffinityKeys', path: '/v1/affinity/rotate', body: { revoke: true } },
  { id: 'listAffinityKeys', path: '/v1/affinity/keys' },
  { id: 'countSessions', path: '/v1/sessions' },
  {
    id: 'putSession',
    path: '/v1/sessions/anna?route=app',
    body: { origin: 'us-1', data: 'cart 7' },
  },
  { id: 'getSession', path: '/v1/sessions/anna?route=app' },
  { id: 'endSession', path: '/v1/sessions/anna?route=app', status: 204 },
  { id: 'listRecords', path: '/v1/dns' },
  { id: 'reconcileRecords', path: '/v1/dns/reconcile?dryRun=true&record=www' },
  { id: 'getRecord', path: '/v1/dns/www' },
  { id: 'freezeRecord', path: '/v1/dns/www/freeze', body: { frozen: true, reason: 'a move' } },
  { id: 'lookAtCache', path: '/v1/cache' },
  {
    id: 'purgeCache',
    path: '/v1/cache/purge',
    body: { targets: [{ tag: 'red' }, { url: 'https://www.example.com/a' }], kind: 'soft' },
  },
  { id: 'listNotifications', path: '/v1/notifications' },
  { id: 'tryNotification', path: '/v1/notifications/hook/test' },
  { id: 'createToken', path: '/v1/tokens', body: { name: 'ci', scopes: ['read'] }, status: 201 },
  { id: 'listTokens', path: '/v1/tokens' },
  { id: 'deleteToken', path: '/v1/tokens/{token}', status: 204 },
  { id: 'listAudit', path: '/v1/audit' },
  { id: 'verifyAudit', path: '/v1/audit/verify' },
]

/** Every scope but one, `admin` aside, which has them all. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  operate: ['read', 'configure'],
  configure: ['read', 'operate'],
  admin: ['read', 'operate', 'configure'],
}

let description: Description
const tokens: Record<string, string> = {}
/** Names that answers have given, for the paths of later calls. */
const names: Record<string, string> = {}

beforeAll(async () => {
  // What probes and notifications reach: everything is well, and nothing leaves the machine.
  vi.stubGlobal('fetch', async () => new Response('well'))
  description = await readDescription()
  for (const [scope, scopes] of Object.entries(OTHERS)) {
    const body = JSON.stringify({ name: `all but ${scope}`, scopes })
    tokens[scope] = (await ask('/v1/tokens', { method: 'POST', body })).json.token
  }
})
afterAll(async () => {
  vi.unstubAllGlobals()
  await emptyAll()
})

function find(id: string): Described {
  const found = description.operations.find((operation) => operation.id === id)
  if (found === undefined) throw new Error(`there is no operation ${id}`)
  return found
}

/** A path with the names in braces filled in. */
function fill(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? '')
}

async function call(
  { path, body }: Pick<Example, 'path' | 'body'>,
  method: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Told> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  return ask(fill(path), { method, headers, ...sent })
}

/** The status of an answer, and what of it is not as described. */
function judge(id: string, told: Told): readonly [number, readonly string[]] {
  return [told.status, description.faults(find(id), told)]
}

it('knows an example of every operation', () => {
  const described = description.operations.map(({ id }) => id)
  expect(STORY.map(({ id }) => id).toSorted()).toEqual(described.toSorted())
})

it('finds what is not described', () => {
  const headers = new Headers({ 'content-type': 'application/json' })
  const told = { status: 200, headers, text: '{}', json: { items: [{ nonsense: 1 }] } }
  for (const { id, method, path } of description.operations) {
    if (method !== 'GET' || path === '/status') continue
    expect([id, description.faults(find(id), told).length > 0]).toEqual([id, true])
  }
})

describe.each(STORY)('$id', (example) => {
  const { id, status = 200 } = example

  it('answers as it is described', async () => {
    const told = await call(example, find(id).method)
    expect(judge(id, told)).toEqual([status, []])
    if (id === 'createToken') names['token'] = told.json.id
    if (id === 'startShift') names['shift'] = told.json.ramp.id
    if (id === 'setOriginState') names['confirmation'] = told.json.confirmation.id
  })

  it('says which methods there are', async () => {
    const told = await call({ ...example, body: undefined }, 'PATCH')
    expect(told.status).toBe(405)
    expect(told.headers.get('allow')?.split(', ')).toContain(find(id).method)
  })

  it('asks for a token, unless it is open', async () => {
    const { method, scope } = find(id)
    const told = await call(example, method, { authorization: '' })
    expect(told.status === 401).toBe(scope !== undefined)
    expect(description.faults(find(id), told)).toEqual([])
  })

  it('refuses what it does not know', async () => {
    const { method, takesBody } = find(id)
    const path = `${example.path}${example.path.includes('?') ? '&' : '?'}nonsense=1`
    expect(judge(id, await call({ ...example, path }, method))).toEqual([400, []])
    const garbage = takesBody ? ['{"nonsense": {', '\u0000', '{"a": 1, "a": 2}'] : []
    for (const body of garbage) {
      expect(judge(id, await ask(fill(example.path), { method, body }))).toEqual([400, []])
    }
    const shapes = takesBody ? ['{"nonsense": 1}', '[]', 'null', '"text"', '7'] : []
    for (const body of shapes) {
      expect(judge(id, await ask(fill(example.path), { method, body }))).toEqual([422, []])
    }
  })
})

it('asks for the scope of each operation, and names it', async () => {
  const guarded = STORY.filter(({ id }) => tokens[find(id).scope ?? ''] !== undefined)
  expect(guarded.length).toBeGreaterThan(10)
  for (const example of guarded) {
    const { id } = example
    const { method, scope = '' } = find(id)
    const told = await call(example, method, { authorization: `Bearer ${tokens[scope]}` })
    expect([id, ...judge(id, told)]).toEqual([id, 403, []])
    expect(told.json.detail).toContain(`"${scope}"`)
  }
})
