import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as scripts from '../support/raw-scripts.ts'
import type { RawScript } from '../support/raw-origin.ts'
import {
  type Exchange,
  mainPool,
  PLAIN_ANSWER,
  request,
  type Rig,
  startRig,
  TO_MAIN,
} from './rig.ts'

let rig: Rig
let bare: Rig
let local: Rig

beforeAll(async () => {
  rig = await startRig((url) => ({
    settings: { name: 'edge' },
    pools: {
      ...mainPool(url),
      shut: {
        origins: { 's-1': { url, state: 'maintenance' }, 's-2': { url, state: 'maintenance' } },
      },
    },
    routes: {
      steered: { match: { path: '/steered' }, steer: TO_MAIN, retry: { attempts: 1 } },
      twice: { match: { path: '/twice' }, steer: TO_MAIN, retry: { attempts: 2, backoff: '1ms' } },
      late: {
        match: { path: '/late' },
        steer: TO_MAIN,
        retry: { attempts: 1 },
        timeouts: { firstByte: '60ms' },
      },
      shut: {
        match: { path: '/shut' },
        steer: { policy: 'failover', pools: ['shut'] },
        panic: { rule: 'refuse', retryAfter: '42s' },
      },
    },
  }))
  bare = await startRig()
  local = await startRig(
    (url) => ({ pools: mainPool(url), routes: { rest: { steer: TO_MAIN } } }),
    'local',
  )
})
beforeEach(() => rig.origin.play(scripts.replyRaw(PLAIN_ANSWER)))
afterAll(() => Promise.all([rig.stop(), bare.stop(), local.stop()]))

/** A refusal: how it comes about, and what it says. */
interface Refusal {
  readonly reason: string
  readonly status: number
  readonly retryAfter: readonly string[]
  readonly detail: RegExp
  readonly cause: () => Promise<Exchange>
}

const ID = 'X-Request-Id: given-1'

function steered(script: RawScript, path = '/steered'): () => Promise<Exchange> {
  return () => {
    rig.origin.play(script)
    return rig.exchange(request(`GET ${path}`, [ID]))
  }
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'without a configuration': {
    reason: 'no-snapshot',
    status: 503,
    retryAfter: ['1'],
    detail: /no configuration/,
    cause: () => bare.exchange(request('GET /', [ID])),
  },
  'without a route': {
    reason: 'no-route',
    status: 404,
    retryAfter: [],
    detail: /No route/,
    cause: () => rig.exchange(request('GET /nowhere', [ID])),
  },
  'without an origin that may serve': {
    reason: 'no-origin',
    status: 503,
    retryAfter: ['42'],
    detail: /None of the 2 origins of route "shut"/,
    cause: () => rig.exchange(request('GET /shut', [ID])),
  },
  'that came through here before': {
    reason: 'loop',
    status: 508,
    retryAfter: [],
    detail: /Via: 1\.1 edge/,
    cause: () => rig.exchange(request('GET /steered', [ID, 'Via: 1.1 edge'])),
  },
  'with a Host that is none': {
    reason: 'bad-request',
    status: 400,
    retryAfter: [],
    detail: /Host/,
    cause: () => rig.exchange(request('GET /steered', [ID, 'Host: a b'])),
  },
  'with local facts that are none': {
    reason: 'bad-request',
    status: 400,
    retryAfter: [],
    detail: /portolan-facts/,
    cause: () => local.exchange(request('GET /', [ID, 'portolan-facts: {"country":7}'])),
  },
  'whose origin breaks off': {
    reason: 'origin-failed',
    status: 502,
    retryAfter: [],
    detail: /after 1 attempt/,
    cause: steered(scripts.resetAfterRequest),
  },
  'whose origin breaks off each time': {
    reason: 'origin-failed',
    status: 502,
    retryAfter: [],
    detail: /after 2 attempts/,
    cause: steered(scripts.resetAfterRequest, '/twice'),
  },
  'whose origin is silent': {
    reason: 'origin-timeout',
    status: 504,
    retryAfter: [],
    detail: /within 60 ms/,
    cause: steered(scripts.stall, '/late'),
  },
}

const NAMES = Object.keys(REFUSALS)

describe('a request', () => {
  test.each(NAMES)('%s is refused with its own problem type [RFC 9457 §3.1]', async (name) => {
    const { reason, status, detail, cause } = refusalOf(name)
    const got = await cause()
    expect([got.status, got.values('content-type')]).toEqual([status, ['application/problem+json']])
    expect(JSON.parse(got.body)).toEqual({
      type: `urn:portolan:problem:${reason}`,
      title: expect.stringMatching(/^[A-Z][^.]+$/),
      status,
      detail: expect.stringMatching(detail),
      instance: 'given-1',
      reason,
    })
  })

  test.each(NAMES)(
    '%s is told when to come back where that is known, and nobody keeps the answer [RFC 9110 §10.2.3, RFC 9111 §5.2.2.5]',
    async (name) => {
      const { retryAfter, cause } = refusalOf(name)
      const got = await cause()
      expect([
        got.values('retry-after'),
        got.values('cache-control'),
        got.values('x-request-id'),
      ]).toEqual([retryAfter, ['no-store'], ['given-1']])
    },
  )

  test.each(NAMES)(
    '%s learns no address, no path and no trace of the program [RFC 9457 §5]',
    async (name) => {
      const got = await refusalOf(name).cause()
      const said = `${got.head}\n${got.body}`
      for (const port of [rig.origin.port, local.origin.port])
        expect(said).not.toContain(String(port))
      expect(said).not.toMatch(
        /127\.0\.0\.1|localhost|\.js|\.ts\b|\bat \w+ \(|worker|internal error|Network connection/i,
      )
    },
  )
})

describe('a refusal', () => {
  test('of a HEAD has the head alone [RFC 9110 §9.3.2]', async () => {
    const got = await rig.exchange(request('HEAD /nowhere'))
    expect([got.status, got.values('content-type'), got.body]).toEqual([
      404,
      ['application/problem+json'],
      '',
    ])
  })

  test('names the request by an id of its own where the client gave none that is fit [RFC 9457 §3.1.5]', async () => {
    for (const given of [
      [],
      ['X-Request-Id: two words'],
      [`X-Request-Id: ${'x'.repeat(129)}`],
      ['X-Request-Id: <b>'],
    ]) {
      const got = await rig.exchange(request('GET /nowhere', given))
      const [id] = got.values('x-request-id')
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(JSON.parse(got.body)).toMatchObject({ instance: id })
    }
  })

  test('quotes what the client sent as JSON does, so that it stays data [RFC 9457 §3]', async () => {
    const got = await rig.exchange(request('GET /', ['Via: 1.1 edge "</script>\\']))
    expect(JSON.parse(got.body)).toMatchObject({
      reason: 'loop',
      detail: expect.stringContaining('"</script>\\'),
    })
    expect(got.values('content-type')).toEqual(['application/problem+json'])
  })
})

function refusalOf(name: string): Refusal {
  const refusal = REFUSALS[name]
  if (!refusal) throw new Error(`no refusal ${name}`)
  return refusal
}
