import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { emptyAll } from '../support/processes-worker.ts'
import { untilHolds } from '../support/until.ts'
import { type Ask, ask } from './ask.ts'

// The admin API on the real control object: what operators may do, must confirm, and have to insist on.

const CONFIG = {
  interlocks: { maxChangePercent: 50, minCapacityPercent: 40 },
  ramps: { quick: { steps: [50, 100], dwell: '1s', gate: { minSamples: 0 } } },
  pools: {
    us: { recovery: 'quick', origins: { 'us-1': { url: 'https://us-1.example.com' } } },
    eu: { origins: { 'eu-1': { url: 'https://eu-1.example.com' } } },
  },
  routes: { api: { steer: { policy: 'weighted', weights: { us: 50, eu: 50 } } } },
}

const send = (method: string, body: unknown, more: Ask = {}): Ask => {
  return { method, body: JSON.stringify(body), ...more }
}
const out = { state: 'maintenance', reason: 'disk swap' }
const weights = (us: number, eu: number) => send('PUT', { weights: { us, eu } })

async function authoredWeights() {
  return (await ask('/v1/config')).json.routes.api.steer.weights
}

/** Lets time pass for the control object, and its alarm ring. */
async function wait(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms)
  await runDurableObjectAlarm(env.CONTROL.get(env.CONTROL.idFromName('control')))
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  await ask('/v1/config', send('PUT', CONFIG))
})
afterEach(async () => {
  vi.useRealTimers()
  await emptyAll()
})

describe('an interlock', () => {
  it('keeps the last origin of a route, and says with which numbers', async () => {
    expect((await ask('/v1/origins/us-1/state', send('PUT', out))).status).toBe(200)
    const last = await ask('/v1/pools/eu/state', send('PUT', out))
    expect([last.status, last.json.reason]).toEqual([409, 'interlock'])
    expect(last.json.interlocks).toContainEqual({ type: 'all-off', route: 'api', usable: 0 })
    expect(last.json.detail).toContain('route "api" would be left with 0 origins to serve it')
    expect((await ask('/v1/pools/eu')).json.state).toBe('ready')
  })

  it('lets one call move only so much of a route', async () => {
    const told = await ask('/v1/routes/api/weights', weights(0, 100))
    expect(told.status).toBe(200)
    const back = await ask('/v1/routes/api/weights', weights(100, 0))
    expect([back.status, back.json.interlocks[0]]).toEqual([
      409,
      { type: 'change-too-large', route: 'api', changePercent: 100, maxChangePercent: 50 },
    ])
    expect(await authoredWeights()).toEqual({ us: 0, eu: 100 })
  })

  it('gives way to the scope admin alone, and the audit log keeps that', async () => {
    await ask('/v1/routes/api/weights', weights(0, 100))
    const { token } = (
      await ask('/v1/tokens', send('POST', { name: 'night shift', scopes: ['operate'] }))
    ).json
    const path = '/v1/routes/api/weights?override=true'
    const headers = { authorization: `Bearer ${token}` }
    const weak = await ask(path, { ...weights(100, 0), headers })
    expect([weak.status, weak.json.detail]).toEqual([
      403,
      '"override=true" takes a token with the scope "admin"; this one has: operate',
    ])
    const strong = await ask(path, weights(100, 0))
    const overrode = [
      { type: 'change-too-large', route: 'api', changePercent: 100, maxChangePercent: 50 },
    ]
    expect([strong.status, strong.json]).toMatchObject([200, { outcome: 'done', overrode }])
    const { items } = (await ask('/v1/audit?limit=1')).json
    expect(items[0]).toMatchObject({ action: 'weights.set', target: 'route:api', overrode })
  })

  it('is asked by a dry run, which changes nothing', async () => {
    const fine = await ask('/v1/routes/api/weights?dryRun=true', weights(60, 40))
    expect([fine.status, fine.json]).toMatchObject([200, { outcome: 'done', dryRun: true }])
    await ask('/v1/origins/us-1/state', send('PUT', out))
    const refused = await ask('/v1/pools/eu/state?dryRun=true', send('PUT', out))
    expect(refused.status).toBe(409)
    expect(await authoredWeights()).toEqual({ us: 50, eu: 50 })
  })
})

describe('a change that has to be confirmed', () => {
  it('reverts by itself', async () => {
    const told = await ask('/v1/routes/api/weights?confirmWithin=30s', weights(60, 40))
    const { confirmation } = told.json
    expect(confirmation).toMatchObject({ by: 'root', dueAtMs: Date.now() + 30_000 })
    expect((await ask('/v1/confirmations')).json).toEqual({ items: [confirmation] })
    await wait(29_000)
    expect(await authoredWeights()).toEqual({ us: 60, eu: 40 })
    await wait(2000)
    await untilHolds(async () => expect(await authoredWeights()).toEqual({ us: 50, eu: 50 }))
    expect((await ask('/v1/confirmations')).json).toEqual({ items: [] })
  })

  it('stays once it is confirmed', async () => {
    const drain = { state: 'drain', reason: 'kernel update' }
    const told = await ask('/v1/origins/us-1/state?confirmWithin=30s', send('PUT', drain))
    const path = `/v1/confirmations/${told.json.confirmation.id}`
    const confirmed = await ask(path, { method: 'POST' })
    expect([confirmed.status, confirmed.json.outcome]).toEqual([200, 'done'])
    await wait(31_000)
    expect((await ask('/v1/origins/us-1')).json).toMatchObject({
      state: 'drain',
      override: { reason: 'kernel update', by: 'root' },
    })
    expect((await ask(path, { method: 'POST' })).status).toBe(404)
  })
})

describe('traffic', () => {
  it('moves by a shift, which is told what to do', async () => {
    const to = { us: 90, eu: 10 }
    const started = await ask('/v1/shifts', send('POST', { route: 'api', to, ramp: 'quick' }))
    const { id } = started.json.ramp
    expect([started.status, started.json.ramp]).toMatchObject([
      200,
      { use: 'shift', percent: 50, phase: 'stepping', from: { us: 50, eu: 50 }, to },
    ])
    const again = await ask('/v1/shifts', send('POST', { route: 'api', to, ramp: 'quick' }))
    expect(again.status).toBe(409)
    const tell = async (command: string) => {
      const { json } = await ask(`/v1/shifts/${id}/${command}`, { method: 'POST' })
      return json.ramp.phase
    }
    expect([await tell('pause'), await tell('resume')]).toEqual(['paused', 'stepping'])
    expect([await tell('promote'), await tell('promote')]).toEqual(['stepping', 'done'])
    await untilHolds(async () => expect(await authoredWeights()).toEqual(to))
    const { items } = (await ask('/v1/shifts')).json
    expect(items).toMatchObject([{ id, phase: 'done', percent: 100 }])
    expect((await ask(`/v1/ramps/${id}`)).json).toEqual(items[0])
  })

  it('leaves an origin for a while, and comes back by the ramp of its pool', async () => {
    const until = new Date(Date.now() + 60_000).toISOString()
    const told = await ask('/v1/origins/us-1/state', send('PUT', { ...out, until }))
    expect(told.status).toBe(200)
    expect((await ask('/v1/pools/us')).json).toMatchObject({ usable: 0, isDown: true })
    await wait(61_000)
    expect((await ask('/v1/origins')).json.items[1]).toMatchObject({
      id: 'us-1',
      state: 'ready',
    })
    expect((await ask('/v1/ramps?use=recovery')).json.items).toMatchObject([
      { id: expect.stringMatching(/^(origin:us-1|pool:us)$/), use: 'recovery', percent: 50 },
    ])
  })

  it('moves only on the revision that was expected', async () => {
    const stale = { ...weights(60, 40), headers: { 'if-match': '"7"' } }
    const told = await ask('/v1/routes/api/weights', stale)
    expect([told.status, told.json.revision]).toEqual([412, 1])
    const fresh = { ...weights(60, 40), headers: { 'if-match': '"1"' } }
    expect((await ask('/v1/routes/api/weights', fresh)).json.revision).toBe(2)
  })

  it.each([
    ['PUT', '/v1/origins/us-9/state', out],
    ['PUT', '/v1/pools/asia/state', out],
    ['PUT', '/v1/routes/none/weights', { weights: { us: 1 } }],
    ['POST', '/v1/shifts', { route: 'api', to: { us: 1 }, ramp: 'none' }],
    ['POST', '/v1/ramps/pool:us/pause', {}],
    ['POST', '/v1/confirmations/c9', {}],
  ])('%s %s is 404 for what there is not', async (method, path, body) => {
    const told = await ask(path, send(method, body))
    expect([told.status, told.json.reason]).toEqual([404, 'not-found'])
  })
})
